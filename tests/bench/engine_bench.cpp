// The engine's own cost: a visit, a batch item, a parallel item beside a hand-written loop.
#include <kaygraph/kaygraph.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace {

namespace kg = kaygraph;

/// Returns "again" until the counter is used up: the smallest node that can make a walk long.
struct Loop : kg::Node {
    std::int64_t* left;
    kg::Action post(kg::Store& /*shared*/) const { return --*left > 0 ? "again" : ""; }
};

void visit(benchmark::State& state, kg::Metrics metrics) {
    constexpr std::int64_t n_visits = 100'000;
    std::int64_t left = 0;
    kg::Graph graph{"loop"};
    const auto loop = graph.add("loop", Loop{{}, &left});
    loop.on("again") >> loop;
    loop >> graph.add("end", kg::Node{});
    graph.record(metrics);
    kg::Store shared;
    for (auto _ : state) {
        left = n_visits;
        graph.run(shared);
    }
    state.counters["per_item"] = benchmark::Counter(
        static_cast<double>(n_visits),
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert
    );
}
BENCHMARK_CAPTURE(visit, metrics_off, kg::Metrics::off)->UseRealTime();
BENCHMARK_CAPTURE(visit, metrics_on, kg::Metrics::on)->UseRealTime();

/// A whole run of a graph of one empty node: what a run costs before it does anything.
void run(benchmark::State& state) {
    kg::Graph graph{"one"};
    graph.add("empty", kg::Node{});
    kg::Store shared;
    for (auto _ : state) {
        graph.run(shared);
    }
    state.counters["per_item"] = benchmark::Counter(
        1, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert
    );
}
BENCHMARK(run)->UseRealTime();

std::vector<std::uint32_t> numbers(std::size_t n) {
    std::vector<std::uint32_t> result(n);
    std::iota(result.begin(), result.end(), 1U);
    return result;
}

template <class Kind>
struct AddOne : Kind {
    auto prep(const kg::Store& shared) const {
        return std::span{shared.get<std::vector<std::uint32_t>>("numbers")};
    }
    std::uint32_t exec(std::uint32_t x) const { return x + 1; }
};

void sequential_item(benchmark::State& state) {
    constexpr std::size_t n = 1'000'000;
    kg::Graph graph{"batch"};
    graph.add("add", AddOne<kg::BatchNode>{});
    kg::Store shared;
    shared.set("numbers", numbers(n));
    for (auto _ : state) {
        graph.run(shared);
    }
    state.counters["per_item"] = benchmark::Counter(
        static_cast<double>(n),
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert
    );
}
BENCHMARK(sequential_item)->UseRealTime();

/// About 100 ns of dependent arithmetic.
std::uint32_t work(std::uint32_t x) {
    for (int i = 0; i < 66; ++i) {
        x ^= x << 13U;
        x ^= x >> 17U;
        x ^= x << 5U;
    }
    return x;
}

struct Work : kg::ParallelBatchNode {
    auto prep(const kg::Store& shared) const {
        return std::span{shared.get<std::vector<std::uint32_t>>("numbers")};
    }
    std::uint32_t exec(std::uint32_t x) const { return work(x); }
};

constexpr std::size_t n_parallel = 1'000'000;

void parallel_item(benchmark::State& state, kg::Metrics metrics) {
    kg::Graph graph{"batch"};
    graph.add("work", Work{});
    graph.record(metrics);
    kg::Store shared;
    shared.set("numbers", numbers(n_parallel));
    for (auto _ : state) {
        graph.run(shared);
    }
    state.counters["per_item"] = benchmark::Counter(
        static_cast<double>(n_parallel),
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert
    );
}

void omp_parallel_for(benchmark::State& state) {
    const std::vector<std::uint32_t> input = numbers(n_parallel);
    for (auto _ : state) {
        std::vector<std::uint32_t> output(n_parallel);
#pragma omp parallel for schedule(static)
        for (std::size_t i = 0; i < n_parallel; ++i) {
            output[i] = work(input[i]);
        }
        benchmark::DoNotOptimize(output.data());
    }
    state.counters["per_item"] = benchmark::Counter(
        static_cast<double>(n_parallel),
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert
    );
}
BENCHMARK(omp_parallel_for)->UseRealTime();
BENCHMARK_CAPTURE(parallel_item, metrics_off, kg::Metrics::off)->UseRealTime();
BENCHMARK_CAPTURE(parallel_item, metrics_on, kg::Metrics::on)->UseRealTime();

}  // namespace
