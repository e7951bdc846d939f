#include "crash_handler.hpp"

#include <kaygraph/runs/crash_note.hpp>

#include <array>
#include <csignal>
#include <cstddef>

namespace command {
namespace {

constexpr std::array signals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/// What was to be done before we came, in the order of the signals.
std::array<struct sigaction, signals.size()>& earlier() {
    static std::array<struct sigaction, signals.size()> actions{};
    return actions;
}

void on_crash(int number) {
    kaygraph::runs::note_crash();
    for (std::size_t i = 0; i < signals.size(); ++i) {
        if (signals[i] == number) {
            static_cast<void>(sigaction(number, &earlier()[i], nullptr));
        }
    }
    static_cast<void>(std::raise(number));  // comes when this handler has returned
}

}  // namespace

void note_crashes() {
    static_cast<void>(earlier());  // made before a handler may ask for it
    // a stack of its own, in case the other one has overflowed: of the main thread
    static std::array<std::byte, 65536> stack;
    const stack_t other{.ss_sp = stack.data(), .ss_flags = 0, .ss_size = stack.size()};
    static_cast<void>(sigaltstack(&other, nullptr));
    struct sigaction action {};
    action.sa_handler = on_crash;
    action.sa_flags = SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < signals.size(); ++i) {
        static_cast<void>(sigaction(signals[i], &action, &earlier()[i]));
    }
}

}  // namespace command
