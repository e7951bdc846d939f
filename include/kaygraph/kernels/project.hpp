#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/kernels/simd_level.hpp>

/// @file
/// Linear projection of rows.
/// @par MPI Local.
/// @par Threads Any thread; allocates nothing.

#pragma GCC visibility push(hidden)

namespace kaygraph::kernels {

/// out = rows × matrix. Shapes: rows n × d, matrix d × k, out n × k; out does not overlap the others.
/// Each element is summed in float32 over 0 … d − 1 in order, so a row's bits depend on the row alone.
KAYGRAPH_EXPORT void project_rows(
    MatrixView<const float> rows,
    MatrixView<const float> matrix,
    MatrixView<float> out,
    SimdLevel level = simd_level()
);

}  // namespace kaygraph::kernels

#pragma GCC visibility pop
