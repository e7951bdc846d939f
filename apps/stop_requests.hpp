#pragma once

#include <kaygraph/parallel/stop.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

/// @file
/// What stops the command before its end: signals and time. The first request lets it end in order, the second
/// signal ends it at once. Signals within a second of the first are the same request.

namespace command {

/// From now on SIGUSR1, SIGTERM and SIGINT are stop requests, also of runs that begin later.
void listen_to_signals();

/// Stops where a signal asks for it, and after a time where one is given.
class StopRequests {
public:
    explicit StopRequests(std::optional<std::chrono::duration<double>> after);
    StopRequests(const StopRequests&) = delete;
    StopRequests& operator=(const StopRequests&) = delete;
    ~StopRequests();

    [[nodiscard]] kaygraph::StopToken token() const;

private:
    std::mutex mutex_;
    std::condition_variable wake_;
    bool is_over_ = false;
    std::thread timer_;
};

}  // namespace command
