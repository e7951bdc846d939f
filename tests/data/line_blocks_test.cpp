#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/data/line_blocks.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::Folder;
using test::thrown;

std::vector<std::string> all_lines(const LineBlocks& blocks, std::size_t block_lines) {
    std::vector<std::string> lines;
    std::size_t n_blocks = 0;
    for (const LineBlock& block : blocks) {
        EXPECT_EQ(block.first_line, lines.size());
        EXPECT_EQ(block.lines.size(), std::min(block_lines, blocks.lines() - lines.size()));
        lines.insert(lines.end(), block.lines.begin(), block.lines.end());
        ++n_blocks;
    }
    EXPECT_EQ(n_blocks, blocks.size());
    return lines;
}

TEST(LineBlocks, HoldEachLineOnceForAnySize) {
    const Folder folder;
    const std::vector<std::string> lines{"one", "", "three", "fo\xc3\xbcr", "five", "no end"};
    const std::string path = folder.write("text.txt", "one\n\nthree\r\nfo\xc3\xbcr\nfive\nno end");
    for (std::size_t size = 1; size <= 8; ++size) {
        EXPECT_EQ(all_lines(LineBlocks{path, {.block_lines = size}}, size), lines) << size;
    }
}

TEST(LineBlocks, AFileWithoutLinesHasNoBlocks) {
    const Folder folder;
    const LineBlocks blocks{folder.write("empty.txt", "")};
    EXPECT_EQ(blocks.size(), 0U);
    EXPECT_TRUE(all_lines(blocks, 1000).empty());
}

TEST(LineBlocks, AreReadInAnyOrder) {
    const Folder folder;
    std::string text;
    for (int i = 0; i < 1000; ++i) {
        text += std::to_string(i) + '\n';
    }
    const LineBlocks blocks{folder.write("numbers.txt", text), {.block_lines = 7}};
    std::vector<LineBlock> items;
    LineBlocks::Storage storage;
    blocks.read(142, 1, items, storage);
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].lines.size(), 1000U - 142 * 7);
    EXPECT_EQ(items[0].lines.back(), "999");
    blocks.read(3, 2, items, storage);
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[1].first_line, 28U);
    EXPECT_EQ(items[1].lines.front(), "28");
}

TEST(LineBlocks, WhatCannotBeReadIsNamed) {
    const Folder folder;
    expect_says(
        thrown<ArgumentError>([&] {
            LineBlocks{folder.write("a.txt", "a\n"), {.block_lines = 0}};
        }),
        "block_lines 0"
    );
    expect_says(thrown<IoError>([&] { LineBlocks{folder.file("none.txt")}; }), "none.txt");
    const LineBlocks changed{folder.write("b.txt", "a\nb\n"), {.block_lines = 1}};
    folder.write("b.txt", "a\n");
    thrown<Error>([&] { all_lines(changed, 1); });
}

}  // namespace
}  // namespace kaygraph
