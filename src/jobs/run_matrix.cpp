#include "jobs/run_matrix.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace kaygraph::jobs::detail {
namespace {

/// Rows are looked at so many bytes at a time, whatever a journal says of the length of a block.
constexpr std::uint64_t piece_bytes = std::uint64_t{1} << 20U;

}  // namespace

RunMatrix::RunMatrix(MatrixReader reader, std::uint64_t n_items, const RangeSet& left_out)
    : reader_(std::move(reader)) {
    std::uint64_t n = 0;
    for (const auto& [first, last] : left_out.ranges()) {
        gaps_.push_back({first, last, n});
        n += last - first;
    }
    const std::uint64_t n_rows = reader_.info().rows;
    if (n > n_items || n_rows != n_items - n) {
        throw FormatError(
            ErrorCode::malformed,
            "expected " + std::to_string(n_items - std::min(n, n_items))
                + " rows, as the run wrote them, found " + std::to_string(n_rows),
            {.file = reader_.path()}
        );
    }
}

bool RunMatrix::is_as_written(const runs::RunHistory::Written& block) const {
    const std::uint64_t row_bytes = reader_.info().cols * size_of(reader_.info().type);
    const auto raw = reader_.raw();
    if (raw && gaps_.empty()) {
        return hash128(raw->subspan(block.first * row_bytes, (block.last - block.first) * row_bytes)
               )
               == block.hash;
    }
    Hasher hasher;
    std::vector<std::byte> room(std::max(row_bytes, piece_bytes));
    auto gap = first_gap_behind(block.first);
    for (std::uint64_t item = block.first; item < block.last;) {
        const bool is_in_gap = gap != gaps_.end() && gap->first <= item;
        const std::uint64_t end = gap == gaps_.end()
                                      ? block.last
                                      : std::min(block.last, is_in_gap ? gap->last : gap->first);
        if (is_in_gap) {
            hasher.add_zeros((end - item) * row_bytes);
            ++gap;
        } else {
            add_rows(hasher, row_of(item), end - item, room);
        }
        item = end;
    }
    return hasher.take() == block.hash;
}

/// The first gap that ends behind an item.
std::vector<RunMatrix::Gap>::const_iterator RunMatrix::first_gap_behind(std::uint64_t item) const {
    return std::upper_bound(gaps_.begin(), gaps_.end(), item, [](std::uint64_t at, const Gap& gap) {
        return at < gap.last;
    });
}

/// Of an item that has one.
std::uint64_t RunMatrix::row_of(std::uint64_t item) const {
    const auto gap = first_gap_behind(item);
    if (gap == gaps_.begin()) {
        return item;
    }
    const Gap& before = *std::prev(gap);
    return item - before.n_before - (before.last - before.first);
}

void RunMatrix::add_rows(
    Hasher& hasher,
    std::uint64_t first,
    std::uint64_t n,
    std::span<std::byte> room
) const {
    const std::uint64_t row_bytes = reader_.info().cols * size_of(reader_.info().type);
    if (row_bytes == 0) {
        return;
    }
    for (const std::uint64_t end = first + n; first < end;) {
        const std::uint64_t count = std::min(end - first, room.size() / row_bytes);
        const std::span<std::byte> rows = room.first(count * row_bytes);
        reader_.read_elements(first, count, rows);
        hasher.add(rows);
        first += count;
    }
}

}  // namespace kaygraph::jobs::detail
