#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/metrics/run_report.hpp>
#include <kaygraph/metrics/timeline.hpp>
#include <kaygraph/parallel/padded.hpp>

#include <cstddef>
#include <memory>
#include <vector>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Keeps the figures of one run: a padded slot for each thread, so that nothing is shared while the
/// run goes on. A slot is made by the thread that first uses it.
/// @par MPI Local.
/// @par Threads Each thread uses its own slot number; `reserve_threads` and `collect` only while no
/// other thread records.
class KAYGRAPH_EXPORT Recorder {
public:
    /// Shapes: timed[i] tells whether times of node i are kept; counts always are. `most_spans`: so many of each
    /// thread are kept.
    explicit Recorder(std::vector<bool> timed, std::size_t most_spans = 0);

    void reserve_threads(std::size_t n_threads);
    [[nodiscard]] std::size_t n_threads() const noexcept { return slots_.size(); }

    [[nodiscard]] NodeCounts& counts(std::size_t thread, std::size_t node) {
        return slot(thread).counts[node];
    }
    /// Returns the node's times, or null where they are not kept.
    [[nodiscard]] NodeTimes* times(std::size_t thread, std::size_t node) {
        return timed_[node] ? times_of(slot(thread), node) : nullptr;
    }

    /// Keeps a span of a thread: whether it was busy, and the span itself where there is room for it.
    void add_span(std::size_t thread, const TraceSpan& span, bool is_busy);

    /// Adds what all threads recorded about a node to its figures.
    void collect(std::size_t node, NodeStats& stats) const;
    /// Leaves the occupancy and the spans of all threads that worked, up to a time since the start.
    void collect(int rank, std::int64_t until_ns, RankTimeline& timeline) const;

private:
    struct Slot {
        std::vector<NodeCounts> counts;
        std::vector<std::unique_ptr<NodeTimes>> times;
        Occupancy occupancy;
        bool was_busy = false;
        std::vector<TraceSpan> spans;
        std::uint64_t n_dropped = 0;
    };

    Slot& slot(std::size_t thread) {
        std::unique_ptr<Slot>& slot = slots_[thread].value;
        return slot != nullptr ? *slot : make_slot(thread);
    }
    Slot& make_slot(std::size_t thread);
    static NodeTimes* times_of(Slot& slot, std::size_t node);

    std::vector<bool> timed_;
    std::size_t most_spans_;
    std::vector<Padded<std::unique_ptr<Slot>>> slots_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
