#include "jobs/kept_rows.hpp"

#include <kaygraph/base/outcome.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/runs/run_record.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <numeric>
#include <span>
#include <vector>

namespace kaygraph::jobs::detail {
namespace {

constexpr std::size_t most_rows_at_once = 4096;

/// About four mebibytes.
std::size_t rows_at_once(std::size_t row_bytes) {
    return std::clamp<std::size_t>((std::size_t{4} << 20U) / row_bytes, 1, most_rows_at_once);
}

RangeSet kept_of(std::uint64_t n_items, const RangeSet& rejected) {
    RangeSet all;
    all.add(0, n_items);
    return all.without(rejected);
}

/// Gives kept items some at a time, with the number of the row that the first of them has.
void each_kept(
    const RangeSet& kept,
    std::size_t at_once,
    FunctionRef<void(std::size_t item, std::size_t n, std::size_t row)> give
) {
    std::size_t row = 0;
    for (const auto& [begin, end] : kept.ranges()) {
        for (std::size_t item = begin; item < end;) {
            const std::size_t n = std::min(at_once, end - item);
            give(item, n, row);
            item += n;
            row += n;
        }
    }
}

}  // namespace

std::unique_ptr<MatrixWriter> make_kept_rows(
    FileSystem& files,
    const MatrixWriter& whole,
    const std::string& out,
    MatrixFormat format,
    const RangeSet& rejected,
    FunctionRef<void()> between
) {
    const RangeSet kept = kept_of(whole.rows(), rejected);
    const MatrixReader reader{whole.part_path(), whole.format()};
    auto rows =
        std::make_unique<MatrixWriter>(files, out, format, whole.type(), kept.size(), whole.cols());
    rows->create();
    const std::size_t row_bytes = whole.cols() * size_of(whole.type());
    const std::size_t at_once = rows_at_once(std::max<std::size_t>(row_bytes, 1));
    std::vector<std::byte> bytes(at_once * row_bytes);
    const std::exception_ptr error = caught([&] {
        each_kept(kept, at_once, [&](std::size_t item, std::size_t n, std::size_t row) {
            between();
            const std::span<std::byte> part = std::span{bytes}.first(n * row_bytes);
            reader.read_elements(item, n, part);
            rows->write_rows(row, part);
        });
        rows->sync_and_close();
    });
    if (error) {
        static_cast<void>(caught([&] { rows->discard(); }));  // the error that came first is told
        std::rethrow_exception(error);
    }
    return rows;
}

std::unique_ptr<MatrixWriter> make_row_numbers(
    FileSystem& files,
    const std::string& out,
    std::uint64_t n_items,
    const RangeSet& rejected
) {
    const RangeSet kept = kept_of(n_items, rejected);
    auto numbers = std::make_unique<MatrixWriter>(
        files,
        out + std::string{runs::product::rows},
        MatrixFormat::npy,
        ElementType::i64,
        kept.size(),
        1,
        NpyShape::vector
    );
    numbers->create();
    std::vector<std::int64_t> items(most_rows_at_once);
    each_kept(kept, items.size(), [&](std::size_t item, std::size_t n, std::size_t row) {
        const std::span<std::int64_t> part = std::span{items}.first(n);
        std::iota(part.begin(), part.end(), static_cast<std::int64_t>(item));
        numbers->write_rows(row, std::as_bytes(part));
    });
    numbers->sync_and_close();
    return numbers;
}

}  // namespace kaygraph::jobs::detail
