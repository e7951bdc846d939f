#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/log.hpp>
#include <kaygraph/graph/settings.hpp>
#include <kaygraph/parallel/stop.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What a context refers to. The engine fills it; a unit test that calls a phase directly fills what
/// the phase reads: `kg::Context context{{.params = &params}};`. Null pointers mean empty settings, no
/// stop, no log. What they point to must outlive the context.
struct VisitInfo {
    std::string_view node = {};  ///< path of the node, "outer/inner"
    const Params* params = nullptr;
    const Config* config = nullptr;
    const StopToken* stop = nullptr;
    const Log* log = nullptr;
    std::optional<std::chrono::steady_clock::time_point> deadline = {};
    std::size_t n_threads = 1;
    int rank = 0;
    int n_ranks = 1;
    int max_attempts = 1;
};

/// What a phase may know of the visit and the item that it is called for: its last parameter, if it
/// wants it. It belongs to one call; nodes keep nothing between calls.
/// @par MPI Local.
/// @par Threads Belongs to the thread that was given it.
class KAYGRAPH_EXPORT Context {
public:
    Context() = default;
    explicit Context(const VisitInfo& visit) noexcept : visit_(visit) {}

    [[nodiscard]] std::string_view node() const noexcept { return visit_.node; }
    [[nodiscard]] const Params& params() const noexcept;
    [[nodiscard]] const Config& config() const noexcept;

    /// Returns this rank, and how many run the graph.
    [[nodiscard]] int rank() const noexcept { return visit_.rank; }
    [[nodiscard]] int n_ranks() const noexcept { return visit_.n_ranks; }

    /// Returns the number of this attempt, from 1 on; in exec_fallback, of the last one made.
    [[nodiscard]] int attempt() const noexcept { return attempt_; }
    [[nodiscard]] int max_attempts() const noexcept { return visit_.max_attempts; }

    /// Returns the global index of the item; nothing outside of item phases. In exec_batch, of the first.
    [[nodiscard]] std::optional<std::size_t> item() const noexcept { return item_; }

    /// Returns the worker that runs this call, in [0, n_threads).
    [[nodiscard]] std::size_t thread() const noexcept { return thread_; }
    [[nodiscard]] std::size_t n_threads() const noexcept { return visit_.n_threads; }

    /// Returns whether the run was asked to stop; long phases ask now and then. Cost: one load.
    [[nodiscard]] bool stop_requested() const noexcept {
        return visit_.stop != nullptr && visit_.stop->stop_requested();
    }
    /// @throws Stopped, which ends the run, if it was asked to stop.
    void throw_if_stopped() const;

    /// Returns when the run must have ended, if it must.
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const noexcept {
        return visit_.deadline;
    }

    [[nodiscard]] const Log& log() const noexcept;

    void set_attempt(int attempt) noexcept { attempt_ = attempt; }
    void set_item(std::size_t item) noexcept { item_ = item; }
    void set_thread(std::size_t thread) noexcept { thread_ = thread; }

private:
    VisitInfo visit_;
    std::optional<std::size_t> item_;
    std::size_t thread_ = 0;
    int attempt_ = 1;
};

}  // namespace kaygraph

#pragma GCC visibility pop
