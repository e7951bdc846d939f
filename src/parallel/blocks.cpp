#include <kaygraph/parallel/blocks.hpp>

namespace kaygraph {

BlockShare::BlockShare(std::size_t n_blocks, std::size_t n_workers, Schedule schedule)
    : shares_(schedule == Schedule::static_ ? n_workers : 1),
      n_takers_(schedule == Schedule::static_ ? 1 : n_workers) {
    const std::size_t n_shares = shares_.size();
    const std::size_t quotient = n_blocks / n_shares;
    const std::size_t remainder = n_blocks % n_shares;
    std::size_t first = 0;
    for (std::size_t i = 0; i < n_shares; ++i) {
        Share& share = shares_[i].value;
        share.next.store(first, std::memory_order_relaxed);
        first += quotient + (i < remainder ? 1 : 0);
        share.end = first;
    }
}

BlockRange BlockShare::take(std::size_t worker, std::size_t want) noexcept {
    Share& share = shares_[shares_.size() == 1 ? 0 : worker].value;
    // Relaxed: the counter orders nothing but itself; what workers read was written before the team.
    const std::size_t seen = share.next.load(std::memory_order_relaxed);
    if (seen >= share.end) {
        return {};
    }
    if (n_takers_ > 1) {
        const std::size_t fair = (share.end - seen) / (2 * n_takers_);
        want = std::clamp<std::size_t>(want, 1, std::max<std::size_t>(fair, 1));
    }
    const std::size_t first = share.next.fetch_add(want, std::memory_order_relaxed);
    return {std::min(first, share.end), std::min(first + want, share.end)};
}

void GrabSize::taken(std::size_t n_blocks, std::int64_t elapsed_ns) noexcept {
    constexpr std::int64_t target_ns = 100'000;
    constexpr std::size_t most = 1U << 20U;
    const std::int64_t block_ns = std::max<std::int64_t>(
        elapsed_ns / static_cast<std::int64_t>(std::max<std::size_t>(n_blocks, 1)), 1
    );
    const auto fitting = static_cast<std::size_t>(std::max<std::int64_t>(target_ns / block_ns, 1));
    want_ = std::min({fitting, want_ * 4, most});  // one fast grab is no proof: grow in steps
}

}  // namespace kaygraph
