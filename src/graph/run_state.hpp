#pragma once

#include <kaygraph/base/log.hpp>
#include <kaygraph/graph/run_options.hpp>
#include <kaygraph/graph/settings.hpp>
#include <kaygraph/metrics/recorder.hpp>
#include <kaygraph/metrics/run_report.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

/// @file
/// What one run knows, and what a visit inherits from the walk that it is part of.

namespace kaygraph::detail {

using Clock = std::chrono::steady_clock;

/// Nanoseconds between two readings of the clock.
inline std::int64_t nanoseconds_between(Clock::time_point from, Clock::time_point to) noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(to - from).count();
}

/// What a thread did from one time to another.
struct Span {
    SpanKind kind;
    Clock::time_point start;
    Clock::time_point end;
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    bool is_busy = true;  ///< it worked itself, and did not wait for others that do
};

/// One run, shared by all its walks.
class RunState {
public:
    RunState(const RunOptions& options, std::vector<bool> timed);

    /// @throws Stopped or GraphError, naming the node, where a limit of the run is reached.
    void check_limits(std::string_view node);
    /// @throws GraphError, naming the node, where the deadline has passed.
    void check_deadline(std::string_view node) const;
    /// Checks the limits before a visit, which is counted.
    void begin_visit(std::string_view node);
    [[nodiscard]] bool is_past_deadline() const noexcept {
        return deadline_ && Clock::now() >= *deadline_;
    }

    /// Most workers of a node that wants so many, or does not say. Called by the thread that entered the
    /// run.
    [[nodiscard]] std::size_t threads_for(std::optional<std::size_t> wanted);
    /// A node is going to use so many workers. Called by the thread that entered the run.
    void reserve_threads(std::size_t n_threads);
    [[nodiscard]] std::size_t most_threads() const noexcept { return recorder.n_threads(); }

    /// The ranks that run the graph together; null for one.
    [[nodiscard]] Communicator* ranks() const noexcept { return ranks_; }
    [[nodiscard]] int rank() const noexcept { return ranks_ == nullptr ? 0 : ranks_->rank(); }
    /// Figures of what every rank does alike: those of rank 0 count.
    [[nodiscard]] Recorder& alike() noexcept {
        return ranks_ == nullptr || ranks_->is_root() ? recorder : shadow_;
    }
    /// True where the entering thread may have others beside it.
    [[nodiscard]] bool may_have_threads() const noexcept {
        return ranks_ == nullptr || ranks_->thread_level() != ThreadLevel::single;
    }

    /// @throws GraphError where a journaled node is visited twice.
    void claim_ledger(std::size_t node_id, std::string_view node);

    [[nodiscard]] const StopToken& stop() const noexcept { return options_.stop; }
    [[nodiscard]] const std::optional<Clock::time_point>& deadline() const noexcept {
        return deadline_;
    }

    /// A thread, by its slot, was at it.
    void add_span(std::size_t slot, std::size_t node_id, const Span& span) {
        if (node_id == 0) {  // the outermost graph is the run itself
            return;
        }
        recorder.add_span(
            slot,
            {.node = static_cast<std::uint32_t>(node_id - 1),
             .kind = span.kind,
             .start_ns = nanoseconds_between(started, span.start),
             .duration_ns = nanoseconds_between(span.start, span.end),
             .first = span.first,
             .count = span.count},
            span.is_busy
        );
    }

    /// True where all warnings go to the run's own log.
    [[nodiscard]] bool has_log() const noexcept { return static_cast<bool>(options_.log); }

    Recorder recorder;
    RankFigures figures;  ///< of this rank
    const Clock::time_point started = Clock::now();

private:
    const RunOptions& options_;
    Communicator* const ranks_;
    Recorder shadow_;
    std::optional<Clock::time_point> deadline_;
    std::atomic<std::uint64_t> n_visits_{0};
    std::size_t n_cores_ = 0;  // 0: not asked for yet
    std::mutex mutex_;
    std::set<std::size_t> journaled_;
};

/// The critical path of a walk: time that each node, by its id, contributes.
using PathTimes = std::vector<std::int64_t>;

/// What a visit inherits.
struct Surroundings {
    RunState* run = nullptr;
    const Params* params = nullptr;
    const Config* config = nullptr;
    const Log* log = nullptr;   ///< of the run, or of the innermost graph with one
    PathTimes* path = nullptr;  ///< null where times are not kept
    std::optional<FailedVisit>* failed = nullptr;  ///< where the innermost failing visit is noted
    std::size_t thread = 0;                        ///< slot of the recorder
    Communicator* ranks = nullptr;  ///< that walk together; null where this rank walks alone
    Recorder* recorder = nullptr;   ///< of visits
    bool is_concurrent = false;     ///< other walks go on beside this one: nodes have one worker
};

}  // namespace kaygraph::detail
