#pragma once

#include <kaygraph/base/range_set.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/runs/run_history.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace kaygraph::jobs::detail {

/// The matrix that a run wrote, its rows by item: where rejected items were left out, they read as zeros.
/// @par Threads Any thread.
class RunMatrix {
public:
    /// @throws FormatError where the matrix has not the rows of so many items.
    RunMatrix(MatrixReader reader, std::uint64_t n_items, const RangeSet& left_out);

    /// Whether the rows of a block are as they were written. It is one of the items' ranges.
    [[nodiscard]] bool is_as_written(const runs::RunHistory::Written& block) const;

private:
    /// Items that have no row, and how many there are before them.
    struct Gap {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        std::uint64_t n_before = 0;
    };

    [[nodiscard]] std::vector<Gap>::const_iterator first_gap_behind(std::uint64_t item) const;
    [[nodiscard]] std::uint64_t row_of(std::uint64_t item) const;
    void add_rows(Hasher& hasher, std::uint64_t first, std::uint64_t n, std::span<std::byte> room)
        const;

    MatrixReader reader_;
    std::vector<Gap> gaps_;
};

}  // namespace kaygraph::jobs::detail
