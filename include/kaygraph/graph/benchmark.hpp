#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/graph/graph.hpp>

#include <cstddef>
#include <string>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// How long runs of a graph take.
struct BenchmarkResult {
    std::size_t iterations = 0;
    Seconds mean{};
    Seconds median{};
    Seconds min{};
    Seconds max{};
    Seconds standard_deviation{};
    std::size_t threads = 1;  ///< most workers a node had
    int ranks = 1;
};

/// Runs a graph `iterations` times and once before to warm up, each time on a fresh copy of the store, and
/// times the runs with a monotonic clock.
/// @par MPI Local.
/// @par Threads As `Graph::run`.
/// @throws ArgumentError for no iterations; what a run throws.
[[nodiscard]] KAYGRAPH_EXPORT BenchmarkResult benchmark(
    const GraphBase& graph,
    const Store& store,
    std::size_t iterations,
    const RunOptions& options = {}
);

/// Returns the result as one line for people.
[[nodiscard]] KAYGRAPH_EXPORT std::string to_text(const BenchmarkResult& result);

}  // namespace kaygraph

#pragma GCC visibility pop
