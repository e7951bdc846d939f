#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/kernels/simd_level.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// @file
/// Principal component analysis: sums over rows, which can be made in parts and added up, and the axes that follow from
/// them.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph::kernels {

/// Adds Σ x to `sums` and the upper triangle of Σ x xᵀ to `products`, over the rows x, in float64 and in
/// their order.
/// Shapes: rows n × d, sums d, products d × d.
/// @par Determinism The same bits on every level.
KAYGRAPH_EXPORT void accumulate_moments(
    MatrixView<const float> rows,
    std::span<double> sums,
    MatrixView<double> products,
    SimdLevel level = simd_level()
);

struct PrincipalAxes {
    std::vector<float> axes;               ///< d × n_axes, row-major: an axis is a column
    std::vector<double> explained_shares;  ///< of the variance, by axis
};

/// Returns the directions of largest variance: eigenvectors of the covariance by falling eigenvalue, each with its
/// component of largest magnitude positive.
/// Shapes: sums and products as accumulate_moments leaves them for n_rows rows; n_axes in [1, d].
/// @throws ArgumentError for fewer than two rows, or another number of axes.
/// Source: Jolliffe, Principal Component Analysis, 2nd ed. 2002, chapter 1; Eigen's SelfAdjointEigenSolver.
[[nodiscard]] KAYGRAPH_EXPORT PrincipalAxes principal_axes(
    std::uint64_t n_rows,
    std::span<const double> sums,
    MatrixView<const double> products,
    std::size_t n_axes
);

}  // namespace kaygraph::kernels

#pragma GCC visibility pop
