#include <kaygraph/parallel/blocks.hpp>
#include <kaygraph/parallel/team.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <atomic>
#include <vector>

namespace kaygraph {
namespace {

TEST(BlockTable, CutsItemsIntoEqualBlocksAndARest) {
    const BlockTable table{10, 4};
    EXPECT_EQ(table.n_blocks(), 3U);
    EXPECT_EQ(table[2].first, 8U);
    EXPECT_EQ(table[2].count, 2U);
    EXPECT_EQ(table.block_of(7), 1U);
    EXPECT_EQ((BlockTable{0, 4}.n_blocks()), 0U);
}

RC_GTEST_PROP(BlockTableProperty, EveryItemIsInOneBlock, ()) {
    const auto n_items = *rc::gen::inRange<std::size_t>(0, 5000);
    const auto block_size = *rc::gen::inRange<std::size_t>(1, 700);
    const BlockTable table{n_items, block_size};
    std::size_t next = 0;
    for (std::size_t b = 0; b < table.n_blocks(); ++b) {
        RC_ASSERT(table[b].index == b);
        RC_ASSERT(table[b].first == next);
        RC_ASSERT(table[b].count >= 1 && table[b].count <= block_size);
        next += table[b].count;
    }
    RC_ASSERT(next == n_items);
}

RC_GTEST_PROP(BlockShareProperty, EveryBlockIsTakenOnceByWhateverWorkers, ()) {
    const auto n_blocks = *rc::gen::inRange<std::size_t>(0, 3000);
    const auto n_workers = *rc::gen::inRange<std::size_t>(1, 9);
    const auto schedule =
        *rc::gen::element(Schedule::static_, Schedule::dynamic, Schedule::stealing);
    const auto want = *rc::gen::inRange<std::size_t>(1, 50);
    BlockShare share{n_blocks, n_workers, schedule};
    std::vector<std::atomic<int>> taken(n_blocks);
    run_team(n_workers, [&](std::size_t worker) {
        for (BlockRange range = share.take(worker, want); !range.empty();
             range = share.take(worker, want)) {
            for (std::size_t b = range.first; b < range.last; ++b) {
                ++taken[b];
            }
        }
    });
    RC_ASSERT(std::all_of(taken.begin(), taken.end(), [](const auto& times) { return times == 1; })
    );
}

TEST(BlockShare, AStaticShareIsContiguousAndFair) {
    BlockShare share{10, 3, Schedule::static_};
    EXPECT_EQ(share.take(0, 100).size(), 4U);
    EXPECT_EQ(share.take(1, 100).first, 4U);
    EXPECT_EQ(share.take(2, 100).last, 10U);
    EXPECT_TRUE(share.take(0, 1).empty());
}

TEST(BlockShare, TowardsTheEndOfACommonShareLessIsGiven) {
    BlockShare share{100, 4, Schedule::dynamic};
    EXPECT_LE(share.take(0, 1000).size(), 13U);
    std::size_t last = 0;
    for (BlockRange range = share.take(1, 1000); !range.empty(); range = share.take(1, 1000)) {
        last = range.size();
    }
    EXPECT_EQ(last, 1U);
}

TEST(GrabSize, GrowsWithFastBlocksInStepsAndShrinksAtOnce) {
    GrabSize size;
    EXPECT_EQ(size.want(), 1U);
    size.taken(1, 10);
    EXPECT_EQ(size.want(), 4U);
    size.taken(4, 40);
    EXPECT_EQ(size.want(), 16U);
    size.taken(16, 16'000'000);
    EXPECT_EQ(size.want(), 1U);
    size.taken(1, 0);
    EXPECT_EQ(size.want(), 4U);
}

}  // namespace
}  // namespace kaygraph
