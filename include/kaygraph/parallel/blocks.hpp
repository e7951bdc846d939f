#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/parallel/padded.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

/// @file
/// Items cut into blocks, and blocks shared out among threads. The borders of blocks follow from the
/// number of items and the block size alone; what adapts to the work is how many blocks a thread takes
/// at once.
/// @par MPI Local.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// A contiguous run of items: the unit that is handed to a thread, journaled and resumed.
struct Block {
    std::size_t index = 0;  ///< among the blocks of the batch
    std::size_t first = 0;  ///< global index of its first item
    std::size_t count = 0;  ///< items in it; at least 1
};

/// The items of a block where nobody says: by their number alone. `is_bulk`: a block is one call (exec_batch).
[[nodiscard]] constexpr std::size_t default_block_size(std::size_t n_items, bool is_bulk) noexcept {
    return is_bulk ? std::clamp<std::size_t>(n_items / 256, 16, 1024)
                   : std::clamp<std::size_t>(n_items / 4096, 1, 256);
}

/// Items [0, n) in blocks of equal size, the last one shorter.
/// @par Threads A value; any thread may read it.
class BlockTable {
public:
    BlockTable() = default;
    BlockTable(std::size_t n_items, std::size_t block_size) noexcept
        : n_items_(n_items), block_size_(std::max<std::size_t>(block_size, 1)) {}

    [[nodiscard]] std::size_t n_items() const noexcept { return n_items_; }
    [[nodiscard]] std::size_t block_size() const noexcept { return block_size_; }
    [[nodiscard]] std::size_t n_blocks() const noexcept {
        return n_items_ / block_size_ + (n_items_ % block_size_ != 0 ? 1 : 0);
    }
    [[nodiscard]] Block operator[](std::size_t index) const noexcept {
        const std::size_t first = index * block_size_;
        return {index, first, std::min(block_size_, n_items_ - first)};
    }
    [[nodiscard]] std::size_t block_of(std::size_t item) const noexcept {
        return item / block_size_;
    }

private:
    std::size_t n_items_ = 0;
    std::size_t block_size_ = 1;
};

/// Who gets which block.
enum class Schedule : std::uint8_t {
    static_,   ///< every thread a fixed, contiguous share
    dynamic,   ///< threads of a rank take the next blocks of the rank's share as they get free
    stealing,  ///< as dynamic, and ranks that run dry take blocks of others (default)
};

/// Consecutive blocks [first, last).
struct BlockRange {
    std::size_t first = 0;
    std::size_t last = 0;
    [[nodiscard]] bool empty() const noexcept { return first >= last; }
    [[nodiscard]] std::size_t size() const noexcept { return empty() ? 0 : last - first; }
};

/// Shares blocks [0, n) out to the workers of a team, each block once.
/// @par Threads `take` is called by each worker with its own number.
class KAYGRAPH_EXPORT BlockShare {
public:
    BlockShare(std::size_t n_blocks, std::size_t n_workers, Schedule schedule);

    /// Takes up to `want` next blocks for a worker; an empty range when its share is used up. Towards
    /// the end of a common share less is given, so that all workers end together.
    BlockRange take(std::size_t worker, std::size_t want) noexcept;

private:
    struct Share {
        std::atomic<std::size_t> next{0};
        std::size_t end = 0;
    };
    std::vector<Padded<Share>> shares_;  // one a worker (static), or one for all
    std::size_t n_takers_;               // workers that take from the same share
};

/// Decides how many blocks a worker takes at once: as many as take about 100 µs, from 1 on, so that a
/// million tiny items and ten huge ones both balance.
/// @par Threads Belongs to one worker.
class KAYGRAPH_EXPORT GrabSize {
public:
    [[nodiscard]] std::size_t want() const noexcept { return want_; }
    void taken(std::size_t n_blocks, std::int64_t elapsed_ns) noexcept;

private:
    std::size_t want_ = 1;
};

}  // namespace kaygraph

#pragma GCC visibility pop
