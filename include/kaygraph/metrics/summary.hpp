#pragma once

#include <kaygraph/base/export.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <tuple>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// A duration in seconds, as statistics give it.
using Seconds = std::chrono::duration<double>;

/// Statistics of durations in constant space: count, sum, extremes, and a histogram with a bucket for
/// each power of two of nanoseconds.
///
/// Units: recorded in nanoseconds, told in seconds.
/// @par MPI Local.
/// @par Threads One writer at a time; give each thread its own and merge.
class KAYGRAPH_EXPORT Summary {
public:
    static constexpr std::size_t n_buckets = 64;

    /// Records one duration. Cost: a few nanoseconds, no allocation.
    void add(std::int64_t nanoseconds) noexcept;
    /// Adds what another summary recorded. Counts do not depend on the order of merges.
    void merge(const Summary& other) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] Seconds sum() const noexcept;
    /// Mean, least and greatest duration; 0 where nothing was recorded.
    [[nodiscard]] Seconds mean() const noexcept;
    [[nodiscard]] Seconds min() const noexcept;
    [[nodiscard]] Seconds max() const noexcept;
    /// Standard deviation of the sample (n − 1); 0 for fewer than two.
    [[nodiscard]] Seconds standard_deviation() const noexcept;

    /// Returns the duration below which a share of the records lies, share in [0, 1]: exact to its
    /// bucket, interpolated within it, never outside [min, max].
    [[nodiscard]] Seconds percentile(double share) const noexcept;

    /// Records in bucket b: those in [2^(b−1), 2^b) ns; bucket 0 holds those of 0 ns.
    [[nodiscard]] const std::array<std::uint64_t, n_buckets>& buckets() const noexcept {
        return buckets_;
    }

    /// All that a summary knows, so that it can be written down and read again.
    struct Parts {
        std::uint64_t count = 0;
        double sum_ns = 0;
        double sum_of_squares = 0;  ///< of nanoseconds
        std::int64_t min_ns = 0;
        std::int64_t max_ns = 0;
        std::array<std::uint64_t, n_buckets> buckets{};
    };
    [[nodiscard]] Parts parts() const noexcept {
        return {count_, sum_ns_, sum_of_squares_, min_ns_, max_ns_, buckets_};
    }
    [[nodiscard]] static Summary of(const Parts& parts) noexcept;

    static auto codec(auto& self) {
        return std::tie(
            self.count_,
            self.sum_ns_,
            self.sum_of_squares_,
            self.min_ns_,
            self.max_ns_,
            self.buckets_
        );
    }

private:
    std::uint64_t count_ = 0;
    double sum_ns_ = 0;
    double sum_of_squares_ = 0;
    std::int64_t min_ns_ = 0;
    std::int64_t max_ns_ = 0;
    std::array<std::uint64_t, n_buckets> buckets_{};
};

}  // namespace kaygraph

#pragma GCC visibility pop
