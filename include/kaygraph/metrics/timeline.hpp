#pragma once

#include <kaygraph/base/export.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

/// @file
/// When each thread of a run was busy, and with what. Times are nanoseconds since the start of the run.
/// @par MPI Local.
/// @par Threads One writer at a time.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// How busy one thread was, over the time of a run: a fixed number of bins, which grow with the run.
class KAYGRAPH_EXPORT Occupancy {
public:
    static constexpr std::size_t n_bins = 128;

    /// The thread was busy from `first` until `last`. Cost: a few nanoseconds, no allocation.
    void add(std::int64_t first, std::int64_t last) noexcept;

    /// Width of a bin in nanoseconds: 2^20 (a millisecond) times a power of two.
    [[nodiscard]] std::int64_t bin_ns() const noexcept { return bin_ns_; }
    /// Returns the busy share of each bin up to that of `until`, in percent; more than one worker of the same
    /// number may have been busy at once: at most 100.
    [[nodiscard]] std::vector<std::uint8_t> percent(std::int64_t until) const;

private:
    void widen() noexcept;

    std::int64_t bin_ns_ = std::int64_t{1} << 20U;
    std::array<std::int64_t, n_bins> busy_ns_{};
};

/// The same, as it is told to others.
struct ThreadOccupancy {
    int rank = 0;
    std::uint32_t thread = 0;
    std::int64_t bin_ns = 0;
    std::vector<std::uint8_t> percent = {};  ///< of each bin, from the start of the run on

    static auto codec(auto& self) {
        return std::tie(self.rank, self.thread, self.bin_ns, self.percent);
    }
};

/// What a span of time was spent with.
enum class SpanKind : std::uint8_t { prep, exec, post, block };

/// A phase of a visit, or a block of a batch.
struct TraceSpan {
    std::uint32_t node = 0;  ///< index in RunReport::nodes
    SpanKind kind = SpanKind::block;
    std::int64_t start_ns = 0;
    std::int64_t duration_ns = 0;
    std::uint64_t first = 0;  ///< item, of a block
    std::uint64_t count = 0;  ///< items, of a block

    static auto codec(auto& self) {
        return std::tie(
            self.node, self.kind, self.start_ns, self.duration_ns, self.first, self.count
        );
    }
};

/// What one thread did, as far as there was room for it.
struct ThreadTrace {
    int rank = 0;
    std::uint32_t thread = 0;
    std::uint64_t n_dropped = 0;  ///< spans after the last one that is kept
    std::vector<TraceSpan> spans = {};

    static auto codec(auto& self) {
        return std::tie(self.rank, self.thread, self.n_dropped, self.spans);
    }
};

/// What the threads of one rank did.
struct RankTimeline {
    std::vector<ThreadOccupancy> occupancy = {};
    std::vector<ThreadTrace> traces = {};

    static auto codec(auto& self) { return std::tie(self.occupancy, self.traces); }
};

}  // namespace kaygraph

#pragma GCC visibility pop
