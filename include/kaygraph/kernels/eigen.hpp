#pragma once

#include <kaygraph/base/matrix_view.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <type_traits>

/// @file
/// Matrices of Eigen and views of kaygraph, one as the other. The only header that includes Eigen; no other one includes
/// it. All of it is inline: no Eigen type crosses the compiled interface, so the library and its user may be compiled
/// for CPUs of different alignment.
/// @par MPI Local.
/// @par Threads As the memory that is looked at.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// A row-major matrix of T that lies elsewhere, at any alignment, its rows apart by any stride. T may be const.
template <class T>
using EigenMap = Eigen::Map<
    std::conditional_t<
        std::is_const_v<T>,
        const Eigen::
            Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>,
        Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>,
    Eigen::Unaligned,
    Eigen::OuterStride<>>;

/// Returns a view as a matrix of Eigen; nothing is copied.
/// Shapes: rows × cols, as the view.
template <class T>
[[nodiscard]] EigenMap<T> eigen_map(MatrixView<T> view) {
    return EigenMap<T>{
        view.data(),
        static_cast<Eigen::Index>(view.rows()),
        static_cast<Eigen::Index>(view.cols()),
        Eigen::OuterStride<>{static_cast<Eigen::Index>(view.row_stride())}};
}

/// Returns a matrix, map, block or reference of Eigen as a view; nothing is copied. The matrix must be row-major and
/// stay where it is while the view is used; a const one gives a view of const elements.
/// Shapes: rows × cols, as the matrix.
template <class Matrix>
[[nodiscard]] auto matrix_view(Matrix& matrix) {
    static_assert(
        bool(std::remove_const_t<Matrix>::IsRowMajor),
        "kaygraph's matrices are row-major: declare it with Eigen::RowMajor, or copy it into one "
        "that is"
    );
    static_assert(
        std::remove_const_t<Matrix>::InnerStrideAtCompileTime == 1,
        "the elements of a row must lie side by side"
    );
    using Element = std::remove_pointer_t<decltype(matrix.data())>;
    return MatrixView<Element>{
        matrix.data(),
        static_cast<std::size_t>(matrix.rows()),
        static_cast<std::size_t>(matrix.cols()),
        static_cast<std::size_t>(matrix.outerStride())};
}

}  // namespace kaygraph

#pragma GCC visibility pop
