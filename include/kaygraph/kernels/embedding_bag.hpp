#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/kernels/simd_level.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

/// @file
/// Gather-and-sum of table rows: what most of embedding is.
/// @par MPI Local.
/// @par Threads Any thread; allocates nothing.

#pragma GCC visibility push(hidden)

namespace kaygraph::kernels {

/// Rows of numbers that lie one behind the other, in a file's map or in memory. No claim about alignment.
struct RowTable {
    const std::byte* data = nullptr;
    std::size_t rows = 0;
    std::size_t cols = 0;
    ElementType type = ElementType::f32;  ///< f32, f16 or i8

    [[nodiscard]] std::size_t row_bytes() const noexcept { return cols * size_of(type); }
};

enum class Bag : std::uint8_t {
    sum,   ///< the sum of the rows
    mean,  ///< the sum ÷ the number of rows; zero for none
};

/// Sums rows of a table for each bag: bag b has the rows ids[ends[b-1]] … ids[ends[b] - 1], in this order,
/// each times its weight where there are weights.
///
/// Shapes: out is ends.size() × table.cols; weights are empty or as many as ids. Every id < table.rows.
/// Sums are float32 in the order of the ids, element by element; f16 and i8 rows are converted first.
/// The mean divides the sum by the number of rows (one float32 division an element).
/// @par Determinism The same bits on every level.
KAYGRAPH_EXPORT void embedding_bag(
    const RowTable& table,
    std::span<const std::uint32_t> ids,
    std::span<const std::size_t> ends,
    Bag bag,
    std::span<const float> weights,
    MatrixView<float> out,
    SimdLevel level = simd_level()
);

}  // namespace kaygraph::kernels

#pragma GCC visibility pop
