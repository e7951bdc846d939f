#pragma once

#include <kaygraph/kaygraph.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace command {

enum class ShowProgress : std::uint8_t { automatic, always, never };

/// Tells on standard error how far long work is: a line that is written over on a terminal, one line every ten
/// seconds elsewhere. What is shorter than that says nothing there.
class ProgressLine {
public:
    ProgressLine(ShowProgress show, int n_ranks);

    /// Takes the progress of a phase on this rank.
    void update(const char* phase, const kaygraph::Progress& progress);
    /// Leaves the terminal as it was.
    void end();

private:
    using Clock = std::chrono::steady_clock;

    bool is_terminal_;
    bool is_shown_;
    int n_ranks_;
    std::string phase_;
    Clock::time_point phase_start_ = Clock::now();
    Clock::time_point next_ = Clock::now();
    std::size_t width_ = 0;  // of what stands on the terminal
};

}  // namespace command
