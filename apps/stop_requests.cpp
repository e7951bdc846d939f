#include "stop_requests.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace command {
namespace kg = kaygraph;
namespace {

kg::StopSource& source() {
    static kg::StopSource stop;
    return stop;
}

std::int64_t nanoseconds_now() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

std::atomic<std::int64_t> first_signal{0};  ///< when it came; 0: none has
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a handler may use it");

/// Only what a handler may do: a store into an atomic; the second time, the signal's own end. One request often comes twice:
/// scancel signals the tasks of a step, and mpirun, which passes it on to them; a terminal, mpirun and its ranks.
void on_signal(int number) {
    constexpr std::int64_t repeats = 1'000'000'000;  // within a second they are one
    std::int64_t first = 0;
    const std::int64_t now = nanoseconds_now();
    if (!first_signal.compare_exchange_strong(first, now) && now - first > repeats) {
        static_cast<void>(std::signal(number, SIG_DFL));
        static_cast<void>(std::raise(number));
        return;
    }
    source().request_stop();
}

}  // namespace

void listen_to_signals() {
    static_cast<void>(source());  // made before a handler may ask for it
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int number : {SIGUSR1, SIGTERM, SIGINT}) {
        static_cast<void>(sigaction(number, &action, nullptr));
    }
    // a limit on the size of files is an error of the write, not the end of the process
    static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
}

StopRequests::StopRequests(std::optional<std::chrono::duration<double>> after) {
    if (after) {
        timer_ = std::thread{[this, after = *after] {
            std::unique_lock lock{mutex_};
            if (!wake_.wait_for(lock, after, [this] { return is_over_; })) {
                source().request_stop();
            }
        }};
    }
}

StopRequests::~StopRequests() {
    {
        const std::lock_guard lock{mutex_};
        is_over_ = true;
    }
    wake_.notify_one();
    if (timer_.joinable()) {
        timer_.join();
    }
}

kg::StopToken StopRequests::token() const {
    return source().token();
}

}  // namespace command
