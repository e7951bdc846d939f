#include "support/bytes.hpp"
#include "support/faulty_files.hpp"
#include "support/throws.hpp"

#include <kaygraph/data/external_store.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::Folder;
using test::thrown;

using Counts = std::map<std::string, long>;

TEST(ExternalStore, GivesBackWhatWasPut) {
    const Folder folder;
    const ExternalStore values{folder.file("values")};
    const Counts counts{{"a", 1}, {"b", 2}};
    values.put("counts", counts);
    values.put("row-2.f32", std::vector<float>{1.5F, 2.5F});
    EXPECT_EQ(values.get<Counts>("counts"), counts);
    EXPECT_EQ(
        ExternalStore{folder.file("values")}.get<std::vector<float>>("row-2.f32"),
        (std::vector<float>{1.5F, 2.5F})
    );
    EXPECT_EQ(values.ids(), (std::vector<std::string>{"counts", "row-2.f32"}));
    EXPECT_TRUE(values.contains("counts"));
    values.erase("counts");
    values.erase("counts");
    EXPECT_FALSE(values.contains("counts"));
    EXPECT_EQ(values.find<Counts>("counts"), std::nullopt);
}

TEST(ExternalStore, TheLastOneWrittenCounts) {
    const Folder folder;
    const ExternalStore values{folder.path()};
    values.put("n", 1L);
    values.put("n", 2L);
    EXPECT_EQ(values.get<long>("n"), 2);
    EXPECT_EQ(values.ids().size(), 1U);
}

TEST(ExternalStore, AnIdIsNoPath) {
    const Folder folder;
    const ExternalStore values{folder.file("values")};
    for (const char* id : {"", "../n", "a/b", "/tmp/n", ".hidden", "a b", "\xc3\xa4", "a\nb"}) {
        expect_says(
            thrown<ArgumentError>([&] { values.put(id, 1L); }),
            "is no id of a value",
            "letters, digits"
        );
        thrown<ArgumentError>([&] { static_cast<void>(values.get<long>(id)); });
        thrown<ArgumentError>([&] { values.erase(id); });
    }
    thrown<ArgumentError>([&] { values.put(std::string(201, 'x'), 1L); });
    values.put(std::string(200, 'x'), 1L);
    EXPECT_EQ(values.get<long>(std::string(200, 'x')), 1);
}

TEST(ExternalStore, WhatIsMissingOrOfAnotherTypeIsNamed) {
    const Folder folder;
    const ExternalStore values{folder.path()};
    expect_says(
        thrown<StoreError>([&] { static_cast<void>(values.get<long>("n")); }),
        "there is no value 'n'"
    );
    values.put("n", std::string{"seven"});
    expect_says(
        thrown<StoreError>([&] { static_cast<void>(values.get<long>("n")); }),
        "'n'",
        "string",
        "not a long"
    );
    thrown<StoreError>([&] { static_cast<void>(values.find<long>("n")); });
}

TEST(ExternalStore, EveryDamagedByteIsNoticed) {
    const Folder folder;
    const ExternalStore values{folder.path()};
    values.put("n", std::vector<long>{1, 2, 3});
    const std::string whole = folder.read("n.value");
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        folder.write("n.value", damaged);
        expect_says(
            thrown<FormatError>([&] { static_cast<void>(values.get<std::vector<long>>("n")); }),
            "damaged",
            "n.value"
        );
        folder.write("n.value", std::string_view{whole}.substr(0, i));
        thrown<FormatError>([&] { static_cast<void>(values.get<std::vector<long>>("n")); });
    }
    folder.write("n.value", whole);
    EXPECT_EQ(values.get<std::vector<long>>("n").size(), 3U);
}

TEST(ExternalStore, AWriteThatFailsLeavesTheOldValueAndNoFile) {
    const Folder folder;
    const ExternalStore values{folder.path()};
    values.put("n", 1L);
    for (std::size_t call = 0;; ++call) {
        test::FaultyFiles files{posix_files(), test::Fault{.call = call}};
        const ExternalStore faulty{folder.path()};
        try {
            ExternalStore{folder.path(), files}.put("n", 2L);
            if (files.calls().size() <= call) {
                break;
            }
        } catch (const IoError&) {
            const long n = values.get<long>("n");
            EXPECT_TRUE(n == 1 || n == 2) << n;
        }
        for (const auto& entry : std::filesystem::directory_iterator{folder.path()}) {
            EXPECT_EQ(entry.path().filename(), "n.value") << "after call " << call;
        }
        values.put("n", 1L);
    }
    EXPECT_EQ(values.get<long>("n"), 2);
}

TEST(ExternalStore, ManyWritersOfOneIdNeverShowAPart) {
    const Folder folder;
    const ExternalStore values{folder.path()};
    values.put("rows", std::vector<long>(1000, 0));
    std::vector<std::jthread> writers;
    for (long writer = 1; writer <= 4; ++writer) {
        writers.emplace_back([&, writer] {
            for (int i = 0; i < 20; ++i) {
                values.put("rows", std::vector<long>(1000, writer));
            }
        });
    }
    for (int i = 0; i < 200; ++i) {
        const auto rows = values.get<std::vector<long>>("rows");
        EXPECT_EQ(rows, std::vector<long>(1000, rows.front()));
    }
}

TEST(ExternalStore, AFileInPlaceOfTheDirectoryIsRefused) {
    const Folder folder;
    const std::string file = folder.write("values", "text");
    thrown<IoError>([&] { ExternalStore{file}; });
}

}  // namespace
}  // namespace kaygraph
