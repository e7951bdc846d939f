#include "progress_line.hpp"

#include <kaygraph/base/decimal.hpp>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>

namespace command {
namespace {

/// "1 h 02 min", "3 min 20 s", "12 s".
std::string duration(double seconds) {
    const auto whole = std::llround(std::max(seconds, 0.0));
    if (whole >= 3600) {
        return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
    }
    if (whole >= 60) {
        return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
    }
    return std::to_string(whole) + " s";
}

/// "[########------------] ".
std::string bar(double share) {
    constexpr std::size_t width = 20;
    const auto filled = static_cast<std::size_t>(share * width);
    return "[" + std::string(filled, '#') + std::string(width - filled, '-') + "] ";
}

}  // namespace

ProgressLine::ProgressLine(ShowProgress show, int n_ranks)
    : is_terminal_(::isatty(STDERR_FILENO) == 1),
      is_shown_(show != ShowProgress::never),
      n_ranks_(n_ranks) {
    if (show == ShowProgress::automatic && !is_terminal_) {
        next_ += std::chrono::seconds{10};
    }
}

void ProgressLine::update(const char* phase, const kaygraph::Progress& progress) {
    const Clock::time_point now = Clock::now();
    if (!is_shown_ || progress.total == 0) {
        return;
    }
    if (phase_ != phase) {
        phase_ = phase;
        phase_start_ = now;
    }
    if (now < next_) {
        return;
    }
    next_ =
        now + (is_terminal_ ? std::chrono::milliseconds{200} : std::chrono::milliseconds{10'000});
    // ranks go on alike: what rank 0 has done, so many times
    const double done = std::min(
        static_cast<double>(progress.done) * n_ranks_, static_cast<double>(progress.total)
    );
    const double total = static_cast<double>(progress.total);
    const double elapsed = std::chrono::duration<double>(now - phase_start_).count();
    const double rate = elapsed > 0 ? done / elapsed : 0;
    std::string line = phase_ + " " + (is_terminal_ ? bar(done / total) : "")
                       + kaygraph::fixed_decimal(100 * done / total, 0) + " %, "
                       + kaygraph::fixed_decimal(done, 0) + " of " + std::to_string(progress.total)
                       + ", " + kaygraph::short_decimal(rate, 3) + "/s";
    if (rate > 0) {
        line += ", " + duration((total - done) / rate) + " left";
    }
    if (progress.failed > 0) {
        line += ", " + std::to_string(progress.failed) + " rejected";
    }
    if (is_terminal_) {
        const std::size_t width = line.size();
        line.resize(std::max(width_, width), ' ');
        width_ = width;
        std::cerr << "\r" << line << std::flush;
    } else {
        std::cerr << line << "\n";
    }
}

void ProgressLine::end() {
    if (is_terminal_ && width_ != 0) {
        std::cerr << "\r" << std::string(width_, ' ') << "\r" << std::flush;
        width_ = 0;
    }
}

}  // namespace command
