// Items that are made a block at a time.
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::run;
using test::thrown;

void run_one(Store& shared, auto node, const ParallelBatchOptions& options) {
    Graph graph{"g"};
    graph.add("node", std::move(node), options);
    run(graph, shared);
}

struct CountingSource {
    using Item = std::string;
    std::size_t n;
    std::atomic<std::size_t>* most_asked;
    std::size_t short_by = 0;
    [[nodiscard]] std::size_t size() const { return n; }
    void read(std::size_t first, std::size_t count, std::vector<std::string>& items) const {
        std::size_t seen = *most_asked;
        while (seen < count && !most_asked->compare_exchange_weak(seen, count)) {
        }
        items.clear();
        for (std::size_t i = 0; i < count - short_by; ++i) {
            items.push_back("text " + std::to_string(first + i));
        }
    }
};

TEST(ItemSource, GivesBlocksOnDemand) {
    struct Lengths : ParallelBatchNode {
        std::atomic<std::size_t>* most_asked;
        CountingSource prep(const Store&) const { return {1003, most_asked}; }
        std::string exec(const std::string& text) const { return text + "!"; }
        void post(Store& shared, BatchResult<std::string> result) const {
            shared.set("values", std::move(result).take_values());
        }
    };
    std::atomic<std::size_t> most_asked{0};
    Store shared;
    run_one(shared, Lengths{{}, &most_asked}, ParallelBatchOptions{.threads = 2, .block = 10});
    const auto& values = shared.get<std::vector<std::string>>("values");
    ASSERT_EQ(values.size(), 1003U);
    EXPECT_EQ(values[1002], "text 1002!");
    EXPECT_EQ(most_asked, 10U);
}

/// Items that are views into the storage of their block.
struct ViewSource {
    using Item = std::string_view;
    using Storage = std::string;
    std::size_t size() const { return 503; }
    void read(
        std::size_t first,
        std::size_t count,
        std::vector<std::string_view>& items,
        std::string& storage
    ) const {
        items.clear();
        storage.clear();
        storage.reserve(count * 4);
        for (std::size_t i = 0; i < count; ++i) {
            const std::string text = std::to_string(first + i);
            storage += text;
            items.emplace_back(storage.data() + storage.size() - text.size(), text.size());
        }
    }
};

TEST(ItemSource, ViewsPointIntoTheStorageOfTheirBlock) {
    struct Parse : ParallelBatchNode {
        ViewSource prep(const Store&) const { return {}; }
        int exec(std::string_view text, const Context& context) const {
            if (text.back() == '7' && context.attempt() == 1) {  // its block stays open meanwhile
                throw std::runtime_error("again");
            }
            return std::stoi(std::string{text});
        }
        void post(Store& shared, BatchResult<int> result) const {
            shared.set("values", std::move(result).take_values());
        }
    };
    Store shared;
    run_one(
        shared,
        Parse{},
        ParallelBatchOptions{
            .threads = 3,
            .block = 10,
            .retry = {.max_attempts = 2, .wait = std::chrono::milliseconds{1}}}
    );
    const auto& values = shared.get<std::vector<int>>("values");
    ASSERT_EQ(values.size(), 503U);
    for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(values[i], static_cast<int>(i));
    }
}

TEST(ItemSource, OneThatGivesTooFewItemsIsRefused) {
    struct Bulk : ParallelBatchNode {
        std::atomic<std::size_t>* most_asked;
        CountingSource prep(const Store&) const { return {10, most_asked, 1}; }
        void exec_batch(std::span<const std::string>, std::span<int>) const {}
    };
    std::atomic<std::size_t> most_asked{0};
    Store shared;
    expect_says(
        thrown<ArgumentError>([&] {
            run_one(shared, Bulk{{}, &most_asked}, ParallelBatchOptions{.block = 5});
        }),
        "asked for 5 items",
        "gave 4"
    );
}

}  // namespace
}  // namespace kaygraph
