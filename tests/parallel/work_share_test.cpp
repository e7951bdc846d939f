#include "parallel/work_share_simulator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>

namespace kaygraph {
namespace {

using test::simulate;
using test::Simulated;
using test::Simulation;

/// Seeds to try: all, or the one in KAYGRAPH_SEED, to see a failure again.
std::pair<std::uint64_t, std::uint64_t> seeds(std::uint64_t n) {
    if (const char* one = std::getenv("KAYGRAPH_SEED")) {
        const std::uint64_t seed = std::stoull(one);
        return {seed, seed + 1};
    }
    return {1, n + 1};
}

std::string again(std::uint64_t seed) {
    return "see it again with KAYGRAPH_SEED=" + std::to_string(seed);
}

bool each_ran_once(const Simulated& result) {
    return std::all_of(result.times_run.begin(), result.times_run.end(), [](int times) {
        return times == 1;
    });
}

bool none_ran_twice(const Simulated& result) {
    return std::all_of(result.times_run.begin(), result.times_run.end(), [](int times) {
        return times <= 1;
    });
}

/// Any cluster, any batch, by seed.
Simulation any_simulation(std::uint64_t seed) {
    std::mt19937_64 random{seed};
    const auto up_to = [&](std::uint64_t most) {
        return 1 + random() % most;
    };
    Simulation simulation{.seed = seed};
    simulation.n_ranks = static_cast<int>(up_to(random() % 16 == 0 ? 100 : 16));
    simulation.ranks_per_node = static_cast<int>(up_to(8));
    simulation.n_workers = up_to(4);
    simulation.n_blocks = random() % 500;
    simulation.most_delay = random() % 2 == 0 ? 50e-6 : 20e-3;  // many periods: much overtaking
    simulation.schedule = random() % 8 == 0 ? Schedule::static_ : Schedule::stealing;
    const std::uint64_t salt = random();
    simulation.cost = [salt](std::size_t block) {
        std::mt19937_64 own{salt ^ block};
        return own() % 16 == 0 ? 50e-3 : 1e-6 * static_cast<double>(own() % 3000);
    };
    return simulation;
}

TEST(WorkShare, AThousandSeedsRunEachBlockOnce) {
    const auto [first, last] = seeds(1000);
    for (std::uint64_t seed = first; seed < last; ++seed) {
        const Simulated result = simulate(any_simulation(seed));
        ASSERT_TRUE(result.all_retired) << again(seed);
        ASSERT_TRUE(each_ran_once(result)) << again(seed);
    }
}

TEST(WorkShare, AfterAStopNoRankStartsABlockOnceItHasHeard) {
    const auto [first, last] = seeds(300);
    for (std::uint64_t seed = first; seed < last; ++seed) {
        Simulation simulation = any_simulation(seed);
        simulation.stop_at = 1e-3 * static_cast<double>(seed % 40);
        const Simulated result = simulate(simulation);
        ASSERT_TRUE(result.all_retired) << again(seed);
        ASSERT_FALSE(result.started_after_stop) << again(seed);
        ASSERT_TRUE(none_ran_twice(result)) << again(seed);
    }
}

/// Cost falls with the place of a block, 17 to 1, as in a list that is sorted by size: the first rank has
/// six times its fair share.
Simulation skewed(int n_ranks, std::size_t blocks_a_rank) {
    const std::size_t n_blocks = static_cast<std::size_t>(n_ranks) * blocks_a_rank;
    const double shift = static_cast<double>(n_blocks) / 16;
    return {
        .n_ranks = n_ranks,
        .ranks_per_node = 64,
        .n_blocks = n_blocks,
        .cost = [=](std::size_t block) {
            return 0.2 * shift / (shift + static_cast<double>(block));
        }};
}

TEST(WorkShare, FourThousandRanksBalanceSkewedWork) {
    Simulation simulation = skewed(4096, 64);
    const Simulated stolen = simulate(simulation);
    EXPECT_TRUE(each_ran_once(stolen));
    EXPECT_GE(stolen.efficiency(), 0.90);
    EXPECT_LE(stolen.n_messages, 4096U * 1000U);
    simulation.schedule = Schedule::static_;
    const Simulated fixed = simulate(simulation);
    EXPECT_LE(fixed.efficiency(), 0.7);
    RecordProperty("efficiency", std::to_string(stolen.efficiency()));
    RecordProperty("messages_a_rank", std::to_string(stolen.n_messages / 4096));
    std::printf(
        "4096 ranks: efficiency %.3f, static %.3f, %.0f messages a rank\n",
        stolen.efficiency(),
        fixed.efficiency(),
        static_cast<double>(stolen.n_messages) / 4096
    );
}

TEST(WorkShare, OneRankWithAllTheWorkIsRelieved) {
    Simulation simulation{.n_ranks = 16, .n_blocks = 1600, .cost = [](std::size_t block) {
                              return block < 100 ? 40e-3 : 1e-6;  // all on rank 0
                          }};
    EXPECT_GE(simulate(simulation).efficiency(), 0.8);
}

TEST(WorkShare, EqualWorkStaysWhereItIs) {
    const Simulation simulation{.n_ranks = 8, .n_blocks = 800};
    const Simulated result = simulate(simulation);
    EXPECT_TRUE(each_ran_once(result));
    EXPECT_GE(result.efficiency(), 0.9);
}

TEST(WorkShare, SharesAreContiguousAndEven) {
    for (const std::size_t n_blocks : {0U, 1U, 7U, 64U, 1001U}) {
        for (const int n_ranks : {1, 2, 3, 8, 70}) {
            std::size_t next = 0;
            for (int rank = 0; rank < n_ranks; ++rank) {
                const BlockRange share = first_share(n_blocks, rank, n_ranks);
                EXPECT_EQ(share.first, next);
                EXPECT_LE(share.size(), n_blocks / static_cast<std::size_t>(n_ranks) + 1);
                next = share.last;
            }
            EXPECT_EQ(next, n_blocks);
        }
    }
}

TEST(WorkShare, WhatIsLateFromAnotherBatchIsDropped) {
    WorkShare share{{.rank = 0, .n_ranks = 2, .n_blocks = 10, .batch = 7}};
    std::vector<WorkPost> out;
    share.receive(1, {.kind = WorkMessage::Kind::stop, .batch = 6}, out);
    EXPECT_FALSE(share.is_stopped());
    share.receive(1, {.kind = WorkMessage::Kind::request, .batch = 6}, out);
    EXPECT_TRUE(out.empty());
    share.receive(1, {.kind = WorkMessage::Kind::request, .batch = 7}, out);
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(out[0].message.blocks.size(), 3U);  // half of 0 … 4, rounded up
    EXPECT_EQ(share.n_left(), 2U);
}

}  // namespace
}  // namespace kaygraph
