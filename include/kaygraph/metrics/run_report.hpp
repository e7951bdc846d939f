#pragma once

#include <kaygraph/base/outcome.hpp>
#include <kaygraph/metrics/summary.hpp>
#include <kaygraph/metrics/timeline.hpp>
#include <kaygraph/parallel/agreement.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

/// @file
/// What a run says about itself, as plain data.
/// @par MPI Local.
/// @par Threads Values; any thread may read them.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What one node did. Counts are always kept. They do not depend on ranks, threads, blocks or schedule for
/// batches and parallel walks that run to their end. A fork runs each branch to its end, whatever fails in
/// another, so its counts do not depend on them where on_error drops an error, either. What each rank does
/// for itself, alike, is counted as rank 0 did it.
struct NodeCounts {
    std::uint64_t visits = 0;
    std::uint64_t errors = 0;        ///< visits that ended in an error, handled by on_error or not
    std::uint64_t executions = 0;    ///< visits that came to exec
    std::uint64_t failures = 0;      ///< of these, those whose exec failed for good
    std::uint64_t retries = 0;       ///< attempts after the first, of exec or of items
    std::uint64_t fallbacks = 0;     ///< calls of exec_fallback
    std::uint64_t items = 0;         ///< items of batches that ran
    std::uint64_t failed_items = 0;  ///< of these, those that failed for good

    void merge(const NodeCounts& other) noexcept;
};

/// How long it took. Kept where the graph records (or for a MetricsNode), else empty.
struct NodeTimes {
    Summary visit;  ///< a whole visit
    Summary prep;   ///< hook before_prep and prep
    Summary exec;   ///< validation, all attempts and waits, fallback; a batch as a whole
    Summary post;   ///< hook after_exec and post
    Summary block;  ///< a block of a batch
    Summary item;   ///< an item of a batch; of more than 2,047 a sample of at least 1,024
    std::int64_t work_ns =
        0;  ///< thread time in phases, a batch counted over all its threads and ranks

    static auto codec(auto& self) {
        return std::tie(
            self.visit, self.prep, self.exec, self.post, self.block, self.item, self.work_ns
        );
    }

    void merge(const NodeTimes& other) noexcept;
};

/// The figures of one node, over one run (in a report) or over all runs of its graph (from a handle).
struct KAYGRAPH_EXPORT NodeStats {
    std::string name = {};  ///< path, "outer/inner"
    std::string kind = {};  ///< "ParallelBatchNode"
    NodeCounts counts = {};
    NodeTimes times = {};

    [[nodiscard]] std::uint64_t total_executions() const noexcept { return counts.executions; }
    [[nodiscard]] std::uint64_t total_retries() const noexcept { return counts.retries; }
    /// Share of executions that succeeded, in [0, 1]; 1 where there were none.
    [[nodiscard]] double success_rate() const noexcept;
    [[nodiscard]] Seconds avg_execution_time() const noexcept { return times.exec.mean(); }
    [[nodiscard]] Seconds min_execution_time() const noexcept { return times.exec.min(); }
    [[nodiscard]] Seconds max_execution_time() const noexcept { return times.exec.max(); }
    [[nodiscard]] Seconds p50_execution_time() const noexcept { return times.exec.percentile(0.5); }
    [[nodiscard]] Seconds p95_execution_time() const noexcept {
        return times.exec.percentile(0.95);
    }
    [[nodiscard]] Seconds p99_execution_time() const noexcept {
        return times.exec.percentile(0.99);
    }
    [[nodiscard]] Seconds execution_time_deviation() const noexcept {
        return times.exec.standard_deviation();
    }

    void merge(const NodeStats& other) noexcept;
};

/// Where and why a run failed; the exception itself keeps its original type.
struct FailedVisit {
    std::string node = {};   ///< path of the node
    std::string phase = {};  ///< "prep", "exec", …
    Failure failure =
        {};        ///< code, item, attempts, message, types, and the exception that run throws
    int rank = 0;  ///< where it failed; of several ranks the one that was agreed on
    std::vector<RankFailure> others = {};  ///< on rank 0: failures of further ranks, at most 16
};

/// One node's part of the critical path.
struct PathStep {
    std::string node = {};
    Seconds time{};
};

/// What one rank did for the spread nodes of a run.
struct RankFigures {
    int rank = 0;
    std::string host = {};
    std::uint64_t items = 0;     ///< items that it ran
    std::uint64_t requests = 0;  ///< times it asked another rank for blocks
    std::uint64_t steals = 0;    ///< times it was given some
    std::uint64_t stolen_blocks = 0;
    std::uint64_t bytes = 0;    ///< of results that it gave to others
    std::int64_t busy_ns = 0;   ///< thread time in blocks
    std::int64_t read_ns = 0;   ///< of it, getting items of sources
    std::int64_t write_ns = 0;  ///< of it, giving results to sinks and ledgers
    std::int64_t idle_ns = 0;   ///< thread time without a block
    std::int64_t wait_ns = 0;   ///< time at the end of batches until all ranks were there
    std::uint64_t peak_memory =
        0;  ///< bytes that the process had in memory at most, since it began

    static auto codec(auto& self) {
        return std::tie(
            self.rank,
            self.host,
            self.items,
            self.requests,
            self.steals,
            self.stolen_blocks,
            self.bytes,
            self.busy_ns,
            self.read_ns,
            self.write_ns,
            self.idle_ns,
            self.wait_ns,
            self.peak_memory
        );
    }
};

/// Where an action leads.
struct GraphEdge {
    std::string from = {};  ///< path of a node
    std::string to = {};
    std::string action = {};  ///< "default" for the default one; "fork" into a branch
};

/// What one run of a graph did.
struct KAYGRAPH_EXPORT RunReport {
    std::string graph = {};
    std::string last_action = {};  ///< "default" where none was returned
    Seconds elapsed{};
    std::size_t threads = 1;  ///< most workers a node of this run had
    int ranks = 1;
    bool recorded = false;  ///< times were kept for every node
    std::vector<NodeStats> nodes =
        {};  ///< in the order in which they were added, nested ones after theirs
    std::optional<FailedVisit> failed = {};
    std::vector<GraphEdge> edges = {};  ///< of the graph and those in it; where recorded
    /// A row a rank, on rank 0; of one rank only where recorded.
    std::vector<RankFigures> by_rank = {};
    /// What each thread of each rank did, on rank 0, where recorded; the traces only where RunOptions::trace_spans
    /// asks for them.
    RankTimeline timeline = {};
    std::vector<std::string> notes = {};  ///< what to mend for a faster run

    /// Thread time spent in nodes; work ÷ elapsed is the parallelism reached. Only where recorded.
    Seconds work{};
    /// The longest chain of work that had to wait for one another: visits in sequence, the longest
    /// branch of a fork, the longest block of a parallel batch. No number of cores makes the run
    /// shorter. Only where recorded.
    Seconds critical_path{};
    std::vector<PathStep> critical_nodes = {};  ///< its parts, longest first

    /// Returns the figures of a node by its path, or null.
    [[nodiscard]] const NodeStats* find(std::string_view node) const noexcept;
};

/// Returns the report as a table for people, a line for each node.
[[nodiscard]] KAYGRAPH_EXPORT std::string to_text(const RunReport& report);

}  // namespace kaygraph

#pragma GCC visibility pop
