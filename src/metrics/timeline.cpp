#include <kaygraph/metrics/timeline.hpp>

#include <algorithm>

namespace kaygraph {

void Occupancy::add(std::int64_t first, std::int64_t last) noexcept {
    first = std::max<std::int64_t>(first, 0);
    if (last <= first) {
        return;
    }
    constexpr auto bins = static_cast<std::int64_t>(n_bins);
    while (last > bin_ns_ * bins) {
        widen();
    }
    for (std::int64_t bin = first / bin_ns_; bin < bins && bin * bin_ns_ < last; ++bin) {
        const std::int64_t begin = std::max(first, bin * bin_ns_);
        busy_ns_[static_cast<std::size_t>(bin)] += std::min(last, (bin + 1) * bin_ns_) - begin;
    }
}

std::vector<std::uint8_t> Occupancy::percent(std::int64_t until) const {
    const auto n = static_cast<std::size_t>(
        std::clamp<std::int64_t>((until + bin_ns_ - 1) / bin_ns_, 0, std::int64_t{n_bins})
    );
    std::vector<std::uint8_t> shares(n);
    for (std::size_t bin = 0; bin < n; ++bin) {
        // the run may have ended within the last bin
        const std::int64_t begin = static_cast<std::int64_t>(bin) * bin_ns_;
        const std::int64_t width = std::max<std::int64_t>(std::min(bin_ns_, until - begin), 1);
        const std::int64_t share = (100 * busy_ns_[bin] + width / 2) / width;
        shares[bin] = static_cast<std::uint8_t>(std::clamp<std::int64_t>(share, 0, 100));
    }
    return shares;
}

void Occupancy::widen() noexcept {
    bin_ns_ *= 2;
    for (std::size_t bin = 0; bin < n_bins / 2; ++bin) {
        busy_ns_[bin] = busy_ns_[2 * bin] + busy_ns_[2 * bin + 1];
    }
    std::fill(busy_ns_.begin() + n_bins / 2, busy_ns_.end(), 0);
}

}  // namespace kaygraph
