#pragma once

#include <kaygraph/base/log.hpp>
#include <kaygraph/metrics/run_report.hpp>
#include <kaygraph/parallel/communicator.hpp>
#include <kaygraph/parallel/stop.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// How a graph runs once. On several ranks `max_visits` is the same on all; threads, stop, deadline and log
/// are each rank's own, and a rank that is stopped stops all.
/// @par MPI Local.
/// @par Threads A value.
struct RunOptions {
    /// Most workers of any node; empty: as many as the node's own options say, or else usable_cores().
    std::optional<std::size_t> threads = {};
    StopToken stop = {};  ///< ends the run with Stopped
    std::optional<std::chrono::nanoseconds> deadline =
        {};                                        ///< longest time, from the start of the run
    std::optional<std::uint64_t> max_visits = {};  ///< most visits, those of nested graphs included
    Runtime ranks = {};  ///< that run the graph together; a default one is this process alone
    Log log = {};        ///< where warnings go; empty: where the graph's go
    /// Spans of each thread that a recording graph keeps for RunReport::timeline: 40 bytes each. The same on all
    /// ranks.
    std::size_t trace_spans = 0;
    RunReport* report = nullptr;  ///< filled where the run ends in an exception, too
};

}  // namespace kaygraph

#pragma GCC visibility pop
