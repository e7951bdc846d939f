#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/metrics/run_report.hpp>
#include <kaygraph/parallel/communicator.hpp>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Collective over the ranks, in O(log ranks) steps. Adds the figures of all nodes on all ranks, and
/// leaves the same report on every rank; rank 0 also gets a row for each rank, and the timelines of all.
///
/// Shapes: nodes and critical nodes are those of one graph, in the same order on all ranks. Times of the
/// run as a whole are those of rank 0.
/// @par MPI Collective over the ranks.
/// @par Threads As the communicator.
KAYGRAPH_EXPORT void gather_report(Communicator& ranks, RunReport& report, const RankFigures& own);

/// Returns the most bytes that this process had in memory since it began.
[[nodiscard]] KAYGRAPH_EXPORT std::uint64_t peak_memory() noexcept;

}  // namespace kaygraph

#pragma GCC visibility pop
