#pragma once

#include <atomic>
#include <memory>
#include <utility>

/// @file
/// Asking a run to stop, from another thread or from a signal handler.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Tells whether a stop was requested. A default token never stops.
/// @par MPI Local.
/// @par Threads Any thread.
class StopToken {
public:
    StopToken() = default;

    /// Cost: one relaxed load.
    [[nodiscard]] bool stop_requested() const noexcept {
        return flag_ != nullptr && flag_->load(std::memory_order_relaxed);
    }

    /// Returns the flag behind the token, for a loop that asks often; null for a token that never stops.
    [[nodiscard]] const std::atomic<bool>* flag() const noexcept { return flag_.get(); }

private:
    friend class StopSource;
    explicit StopToken(std::shared_ptr<const std::atomic<bool>> flag) noexcept
        : flag_(std::move(flag)) {}

    std::shared_ptr<const std::atomic<bool>> flag_;
};

/// Requests a stop. Copies share the request; it cannot be taken back.
/// @par MPI Local.
/// @par Threads Any thread; `request_stop` is async-signal-safe.
class StopSource {
public:
    StopSource() : flag_(std::make_shared<std::atomic<bool>>(false)) {}

    void request_stop() const noexcept { flag_->store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool stop_requested() const noexcept {
        return flag_->load(std::memory_order_relaxed);
    }
    [[nodiscard]] StopToken token() const noexcept { return StopToken{flag_}; }

private:
    static_assert(std::atomic<bool>::is_always_lock_free, "signal handlers may not lock");
    std::shared_ptr<std::atomic<bool>> flag_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
