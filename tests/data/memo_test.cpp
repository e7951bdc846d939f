#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/data/memo.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using test::Folder;
using test::thrown;

/// Counts how often it is asked.
struct Lengths {
    std::atomic<int> calls = 0;
    auto of(const std::string& text) {
        return [this, &text] {
            ++calls;
            return std::vector<long>{static_cast<long>(text.size())};
        };
    }
};

TEST(Memo, EqualItemsAreComputedOnce) {
    Memo<std::vector<long>> memo;
    Lengths lengths;
    const std::vector<std::string> texts{"a", "bb", "a", "ccc", "bb", "a"};
    for (const std::string& text : texts) {
        EXPECT_EQ(memo.get(text, lengths.of(text))->front(), static_cast<long>(text.size()));
    }
    EXPECT_EQ(lengths.calls, 3);
    EXPECT_EQ(memo.figures().hits, 3U);
}

TEST(Memo, ManyThreadsComputeEachItemOnce) {
    Memo<std::vector<long>> memo;
    Lengths lengths;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 8; ++thread) {
            threads.emplace_back([&] {
                for (int i = 0; i < 5000; ++i) {
                    const std::string text = std::to_string(i % 321);
                    static_cast<void>(memo.get(text, lengths.of(text)));
                }
            });
        }
    }
    EXPECT_EQ(lengths.calls, 321);
    EXPECT_EQ(memo.figures().hits + memo.figures().misses, 40'000U);
}

TEST(Memo, ItemsOfAllKindsAreTold) {
    Memo<long> memo;
    const std::vector<float> row{1, 2};
    EXPECT_EQ(*memo.get(row, [] { return 1L; }), 1);
    EXPECT_EQ(*memo.get(std::span<const float>{row}, [] { return 2L; }), 1);
    EXPECT_EQ(*memo.get(std::string_view{"text"}, [] { return 3L; }), 3);
    EXPECT_EQ(*memo.get("text", [] { return 4L; }), 3);
    EXPECT_EQ(*memo.get(std::pair{1L, std::string{"x"}}, [] { return 5L; }), 5);
    EXPECT_EQ(*memo.get(std::pair{2L, std::string{"x"}}, [] { return 6L; }), 6);
}

TEST(Memo, KeepsResultsForLaterRuns) {
    const Folder folder;
    Lengths lengths;
    const std::string text = "text";
    const MemoOptions options{.version = "1", .directory = folder.file("memo")};
    for (int run = 0; run < 3; ++run) {
        Memo<std::vector<long>> memo{options};
        EXPECT_EQ(memo.get(text, lengths.of(text))->front(), 4);
    }
    EXPECT_EQ(lengths.calls, 1);
    Memo<std::vector<long>> other{{.version = "2", .directory = folder.file("memo")}};
    EXPECT_EQ(other.get(text, lengths.of(text))->front(), 4);
    EXPECT_EQ(lengths.calls, 2);
}

TEST(Memo, ADamagedResultIsMadeAgain) {
    const Folder folder;
    Lengths lengths;
    const std::string text = "text";
    const MemoOptions options{.directory = folder.file("memo")};
    static_cast<void>(Memo<std::vector<long>>{options}.get(text, lengths.of(text)));
    for (const auto& entry : std::filesystem::directory_iterator{folder.file("memo")}) {
        std::filesystem::resize_file(entry.path(), 20);
    }
    EXPECT_EQ(Memo<std::vector<long>>{options}.get(text, lengths.of(text))->front(), 4);
    EXPECT_EQ(Memo<std::vector<long>>{options}.get(text, lengths.of(text))->front(), 4);
    EXPECT_EQ(lengths.calls, 2);
}

TEST(Memo, WhatFailsIsNotKept) {
    Memo<long> memo;
    thrown<std::runtime_error>([&] {
        static_cast<void>(memo.get("x", []() -> long { throw std::runtime_error{"no"}; }));
    });
    EXPECT_EQ(*memo.get("x", [] { return 1L; }), 1);
}

TEST(Memo, ResultsDoNotDependOnTheRoom) {
    for (const std::size_t max_bytes : {40U, 100U, 1000U, 100'000U}) {
        Memo<long> memo{{.max_bytes = max_bytes}};
        for (long i = 0; i < 1000; ++i) {
            const long item = i * i % 97;
            EXPECT_EQ(*memo.get(item, [&] { return item + 1; }), item + 1);
        }
        EXPECT_LE(memo.figures().bytes, max_bytes);
    }
}

}  // namespace
}  // namespace kaygraph
