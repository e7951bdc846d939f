// A template for benchmarks: the same graph with different options, each run on a fresh copy of the
// store, timed with a monotonic clock after a warm-up; medians are compared.
//
// Prints:
//   1 thread: 5 runs on 1 x 1 threads: median * s, mean * s, min * s, max * s, deviation * s
//   2 threads: 5 runs on 1 x 2 threads: median * s, mean * s, min * s, max * s, deviation * s
//   speed-up *
#include <kaygraph/kaygraph.hpp>

#include <cmath>
#include <iostream>
#include <numeric>
#include <span>
#include <vector>

namespace kg = kaygraph;

struct Work : kg::ParallelBatchNode {
    auto prep(const kg::Store& shared) const {
        return std::span{shared.get<std::vector<double>>("input")};
    }
    double exec(double x) const {
        for (int i = 0; i < 100; ++i) {
            x = std::cos(x);
        }
        return x;
    }
    void post(kg::Store& shared, kg::BatchResult<double> output) const {
        shared.set("output", std::move(output));
    }
};

int main() {
    kg::Graph graph{"work"};
    graph.add("work", Work{});

    std::vector<double> input(20'000);
    std::iota(input.begin(), input.end(), 0.0);
    kg::Store store;
    store.set("input", std::move(input));

    const kg::BenchmarkResult one = kg::benchmark(graph, store, 5, {.threads = 1});
    const kg::BenchmarkResult two = kg::benchmark(graph, store, 5, {.threads = 2});
    std::cout << "1 thread: " << to_text(one) << "\n"
              << "2 threads: " << to_text(two) << "\n"
              << "speed-up " << one.median / two.median << "\n";
}
