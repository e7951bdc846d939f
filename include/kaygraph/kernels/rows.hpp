#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/kernels/simd_level.hpp>

#include <span>

/// @file
/// Arithmetic along rows of float32. Sums use 16 partial sums and one fixed tree, so that the bits are the
/// same on every level.
/// @par MPI Local.
/// @par Threads Any thread; allocates nothing.

#pragma GCC visibility push(hidden)

namespace kaygraph::kernels {

/// Returns Σ a[i] · b[i]. Shapes: a and b have the same length.
[[nodiscard]] KAYGRAPH_EXPORT float dot(
    std::span<const float> a,
    std::span<const float> b,
    SimdLevel level = simd_level()
);

/// Returns Σ (a[i] − b[i])².
[[nodiscard]] KAYGRAPH_EXPORT float squared_distance(
    std::span<const float> a,
    std::span<const float> b,
    SimdLevel level = simd_level()
);

/// Returns a·b / (‖a‖ ‖b‖); 0 where one of them is zero.
[[nodiscard]] KAYGRAPH_EXPORT float cosine(
    std::span<const float> a,
    std::span<const float> b,
    SimdLevel level = simd_level()
);

/// Divides each row by its Euclidean norm; rows of norm zero stay.
KAYGRAPH_EXPORT void normalize_rows(MatrixView<float> rows, SimdLevel level = simd_level());

/// Gives each NaN the bits 7FC00000. Which NaN an operation makes is up to the CPU: ∞ − ∞ is −NaN on x86, NaN on ARM.
KAYGRAPH_EXPORT void unify_nans(MatrixView<float> rows, SimdLevel level = simd_level());

}  // namespace kaygraph::kernels

#pragma GCC visibility pop
