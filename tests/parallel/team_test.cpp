#include "support/throws.hpp"

#include <kaygraph/parallel/team.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

TEST(Team, RunsEveryWorkerOnce) {
    for (const std::size_t n : {0U, 1U, 2U, 4U, 8U}) {
        std::vector<std::atomic<int>> ran(n);
        run_team(n, [&](std::size_t worker) { ++ran[worker]; });
        for (const auto& times : ran) {
            EXPECT_EQ(times, 1);
        }
    }
}

TEST(Team, TheCallerIsItsFirstWorker) {
    std::thread::id first;
    run_team(4, [&](std::size_t worker) {
        if (worker == 0) {
            first = std::this_thread::get_id();
        }
    });
    EXPECT_EQ(first, std::this_thread::get_id());
}

TEST(Team, CarriesTheExceptionOfTheLowestWorkerOut) {
    for (int i = 0; i < 100; ++i) {
        std::atomic<int> n_ended{0};
        const std::string message = test::thrown<std::out_of_range>([&] {
            run_team(4, [&](std::size_t worker) {
                ++n_ended;
                if (worker != 0) {
                    throw std::out_of_range(std::to_string(worker));
                }
            });
        });
        EXPECT_EQ(message, "1");
        EXPECT_EQ(n_ended, 4);  // all have ended before it is thrown
    }
}

TEST(Team, InsideAnotherTeamItStillRunsEveryWorker) {
    std::atomic<int> n_ran{0};
    run_team(2, [&](std::size_t) { run_team(3, [&](std::size_t) { ++n_ran; }); });
    EXPECT_EQ(n_ran, 6);
}

TEST(Team, TeamsOfDifferentThreadsDoNotDisturbEachOther) {
    std::atomic<int> n_ran{0};
    std::vector<std::jthread> hosts;
    for (int i = 0; i < 4; ++i) {
        hosts.emplace_back([&] {
            for (int k = 0; k < 50; ++k) {
                run_team(3, [&](std::size_t) { ++n_ran; });
            }
        });
    }
    hosts.clear();
    EXPECT_EQ(n_ran, 4 * 50 * 3);
}

}  // namespace
}  // namespace kaygraph
