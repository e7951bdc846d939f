#pragma once

#include <kaygraph/base/check.hpp>

#include <cstddef>
#include <span>
#include <type_traits>

#pragma GCC visibility push(hidden)

namespace kaygraph {

namespace detail {

/// U is T without its const.
template <class U, class T>
concept MutableFormOf = std::is_const_v<T> && std::is_same_v<std::remove_const_t<T>, U>;

}  // namespace detail

/// A row-major matrix that lives elsewhere: the matrix type of every interface of the library.
///
/// Shapes: rows × cols; element (r, c) is data[r * row_stride + c], row_stride ≥ cols. No claim about
/// alignment. `MatrixView<T>` converts to `MatrixView<const T>`.
/// @par MPI Local.
/// @par Threads As a pointer: different rows may be written by different threads.
template <class T>
class MatrixView {
public:
    constexpr MatrixView() noexcept = default;

    constexpr MatrixView(T* data, std::size_t rows, std::size_t cols) noexcept
        : MatrixView(data, rows, cols, cols) {}

    constexpr MatrixView(
        T* data,
        std::size_t rows,
        std::size_t cols,
        std::size_t row_stride
    ) noexcept
        : data_(data), rows_(rows), cols_(cols), row_stride_(row_stride) {}

    template <detail::MutableFormOf<T> U>
    // NOLINTNEXTLINE(google-explicit-constructor): a view may always be read only
    constexpr MatrixView(MatrixView<U> other) noexcept
        : MatrixView(other.data(), other.rows(), other.cols(), other.row_stride()) {}

    [[nodiscard]] constexpr T* data() const noexcept { return data_; }
    [[nodiscard]] constexpr std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] constexpr std::size_t cols() const noexcept { return cols_; }
    [[nodiscard]] constexpr std::size_t row_stride() const noexcept { return row_stride_; }
    [[nodiscard]] constexpr bool is_contiguous() const noexcept {
        return row_stride_ == cols_ || rows_ <= 1;
    }

    [[nodiscard]] constexpr T& operator()(std::size_t row, std::size_t col) const {
        KAYGRAPH_ASSERT_HOT(row < rows_ && col < cols_, "element outside the matrix");
        return data_[row * row_stride_ + col];
    }

    [[nodiscard]] constexpr std::span<T> row(std::size_t row) const {
        KAYGRAPH_ASSERT_HOT(row < rows_, "row outside the matrix");
        return {data_ + row * row_stride_, cols_};
    }

    /// Returns the view of `count` rows from row `first` on.
    [[nodiscard]] constexpr MatrixView row_block(std::size_t first, std::size_t count) const {
        KAYGRAPH_ASSERT_HOT(first <= rows_ && count <= rows_ - first, "rows outside the matrix");
        return {data_ + first * row_stride_, count, cols_, row_stride_};
    }

private:
    T* data_ = nullptr;
    std::size_t rows_ = 0;
    std::size_t cols_ = 0;
    std::size_t row_stride_ = 0;
};

}  // namespace kaygraph

#pragma GCC visibility pop
