// + kg::benchmark(graph, store, iterations): warm-up, a fresh store each time, monotonic clock.
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

namespace kaygraph {
namespace {

TEST(Benchmark, RunsOnAFreshStoreEachTime) {
    int n_runs = 0;
    Graph graph{"g"};
    graph.add("count", node(no_phase, no_phase, [&](Store& shared) {
                  ++n_runs;
                  shared.update<int>("n", [](int& n) { ++n; });
                  EXPECT_EQ(
                      shared.get<int>("n"), 1
                  );  // nothing leaks from one iteration into the next
              }));
    Store store;
    store.set("n", 0);
    const BenchmarkResult result = benchmark(graph, store, 5);
    EXPECT_EQ(n_runs, 6);  // one to warm up
    EXPECT_EQ(store.get<int>("n"), 0);
    EXPECT_EQ(result.iterations, 5U);
    EXPECT_LE(result.min, result.median);
    EXPECT_LE(result.median, result.max);
    EXPECT_LE(result.min, result.mean);
    EXPECT_EQ(result.threads, 1U);
    EXPECT_EQ(result.ranks, 1);
    test::expect_says(to_text(result), "5 runs on 1 x 1 threads", "median", "deviation");
}

TEST(Benchmark, RefusesNoIterations) {
    Graph graph{"g"};
    graph.add("n", Node{});
    EXPECT_THROW((void)benchmark(graph, Store{}, 0), ArgumentError);
}

}  // namespace
}  // namespace kaygraph
