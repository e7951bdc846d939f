// Graphs are re-entrant: all state of a run is its own.
#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

// Two threads running the same graph object at once without disturbing each other.

TEST(Concurrency, ManyThreadsRunTheSameGraph) {
    struct Fill : Node {
        auto prep(const Store& shared) const { return shared.get<int>("seed"); }
        std::vector<int> exec(int seed, const Context& context) const {
            if (context.attempt() < 3) {
                throw std::runtime_error("again");  // the attempt count is the run's own
            }
            std::vector<int> numbers(200);
            for (std::size_t i = 0; i < numbers.size(); ++i) {
                numbers[i] = seed + static_cast<int>(i);
            }
            return numbers;
        }
        void post(Store& shared, std::vector<int> numbers) const {
            shared.set("numbers", std::move(numbers));
        }
    };
    struct Squares : ParallelBatchNode {
        auto prep(const Store& shared) const {
            return std::span{shared.get<std::vector<int>>("numbers")};
        }
        long exec(int x) const { return long{x} * x; }
        void post(Store& shared, BatchResult<long> squares) const {
            long sum = 0;
            for (const long square : squares.values()) {
                sum += square;
            }
            shared.set("sum", sum);
        }
    };
    Graph inner{"inner"};
    inner.add("squares", Squares{}, {.threads = 2, .block = 9});
    Graph graph{"g"};
    const auto fill = graph.add("fill", Fill{}, {.retry = {.max_attempts = 3}});
    const auto nested = graph.add("inner", std::move(inner));
    fill >> nested >> fork(
        graph.add(
            "a", node(no_phase, no_phase, [](Store& s) { s.set("a", s.get<long>("sum") + 1); })
        ),
        graph.add(
            "b", node(no_phase, no_phase, [](Store& s) { s.set("b", s.get<long>("sum") + 2); })
        )
    );
    graph.record(Metrics::on);

    constexpr int n_hosts = 4;
    constexpr int n_runs = 25;
    std::vector<std::jthread> hosts;
    std::atomic<int> n_right{0};
    for (int host = 0; host < n_hosts; ++host) {
        hosts.emplace_back([&, host] {
            for (int run = 0; run < n_runs; ++run) {
                const int seed = 1000 * host + run;
                long expected = 0;
                for (long i = 0; i < 200; ++i) {
                    expected += (seed + i) * (seed + i);
                }
                Store shared;
                shared.set("seed", seed);
                const RunReport report = graph.run(shared, {.threads = 2});
                const bool is_right = shared.get<long>("sum") == expected
                                      && shared.get<long>("a") == expected + 1
                                      && shared.get<long>("b") == expected + 2
                                      && report.find("fill")->counts.retries == 2
                                      && report.find("inner/squares")->counts.items == 200;
                n_right += is_right ? 1 : 0;
            }
        });
    }
    hosts.clear();
    EXPECT_EQ(n_right, n_hosts * n_runs);
    EXPECT_EQ(fill.stats().counts.visits, static_cast<std::uint64_t>(n_hosts * n_runs));
    EXPECT_EQ(fill.stats().counts.retries, static_cast<std::uint64_t>(2 * n_hosts * n_runs));
}

TEST(Concurrency, CopiesOfAStoreMayBeUsedByDifferentThreads) {
    Store shared;
    shared.set("list", std::vector<int>(1000, 1));
    for (int repetition = 0; repetition < 50; ++repetition) {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([copy = shared, t]() mutable {
                copy.update<std::vector<int>>("list", [&](auto& list) { list[0] = t; });
                copy.set("own", t);
                EXPECT_EQ(copy.get<std::vector<int>>("list")[0], t);
            });
        }
        shared.update<std::vector<int>>("list", [&](auto& list) { list[1] = repetition; });
        threads.clear();
        EXPECT_EQ(shared.get<std::vector<int>>("list")[0], 1);
        EXPECT_EQ(shared.get<std::vector<int>>("list")[1], repetition);
    }
}

}  // namespace
}  // namespace kaygraph
