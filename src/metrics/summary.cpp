#include <kaygraph/metrics/summary.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace kaygraph {
namespace {

Seconds seconds(double nanoseconds) {
    return Seconds{nanoseconds * 1e-9};
}

/// The lower border of a bucket in nanoseconds; that of the next one is its upper border.
double lower_border(std::size_t bucket) {
    return bucket == 0 ? 0.0 : std::ldexp(1.0, static_cast<int>(bucket) - 1);
}

}  // namespace

void Summary::add(std::int64_t nanoseconds) noexcept {
    nanoseconds = std::max<std::int64_t>(nanoseconds, 0);
    min_ns_ = count_ == 0 ? nanoseconds : std::min(min_ns_, nanoseconds);
    max_ns_ = std::max(max_ns_, nanoseconds);
    ++count_;
    const auto value = static_cast<double>(nanoseconds);
    sum_ns_ += value;
    sum_of_squares_ += value * value;
    ++buckets_[static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(nanoseconds)))];
}

void Summary::merge(const Summary& other) noexcept {
    if (other.count_ == 0) {
        return;
    }
    min_ns_ = count_ == 0 ? other.min_ns_ : std::min(min_ns_, other.min_ns_);
    max_ns_ = std::max(max_ns_, other.max_ns_);
    count_ += other.count_;
    sum_ns_ += other.sum_ns_;
    sum_of_squares_ += other.sum_of_squares_;
    for (std::size_t b = 0; b < n_buckets; ++b) {
        buckets_[b] += other.buckets_[b];
    }
}

Seconds Summary::sum() const noexcept {
    return seconds(sum_ns_);
}

Seconds Summary::mean() const noexcept {
    return seconds(count_ == 0 ? 0.0 : sum_ns_ / static_cast<double>(count_));
}

Seconds Summary::min() const noexcept {
    return seconds(static_cast<double>(min_ns_));
}
Seconds Summary::max() const noexcept {
    return seconds(static_cast<double>(max_ns_));
}

Seconds Summary::standard_deviation() const noexcept {
    if (count_ < 2) {
        return Seconds{0};
    }
    const auto n = static_cast<double>(count_);
    const double variance = (sum_of_squares_ - sum_ns_ * sum_ns_ / n) / (n - 1);
    return seconds(std::sqrt(std::max(variance, 0.0)));  // rounding may leave a tiny negative
}

Summary Summary::of(const Parts& parts) noexcept {
    Summary summary;
    summary.count_ = parts.count;
    summary.sum_ns_ = parts.sum_ns;
    summary.sum_of_squares_ = parts.sum_of_squares;
    summary.min_ns_ = parts.min_ns;
    summary.max_ns_ = parts.max_ns;
    summary.buckets_ = parts.buckets;
    return summary;
}

Seconds Summary::percentile(double share) const noexcept {
    if (count_ == 0) {
        return Seconds{0};
    }
    const double rank = std::clamp(share, 0.0, 1.0) * static_cast<double>(count_);
    double below = 0;
    for (std::size_t b = 0; b < n_buckets; ++b) {
        const auto here = static_cast<double>(buckets_[b]);
        if (here > 0 && below + here >= rank) {
            const double lower = lower_border(b);
            const double value = lower + (lower_border(b + 1) - lower) * (rank - below) / here;
            return seconds(
                std::clamp(value, static_cast<double>(min_ns_), static_cast<double>(max_ns_))
            );
        }
        below += here;
    }
    return max();
}

}  // namespace kaygraph
