#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/files/matrix_info.hpp>
#include <kaygraph/files/matrix_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace kaygraph::detail {

/// Reads the header of an .npy file; `file` is all of its bytes.
[[nodiscard]] MatrixInfo parse_npy_header(std::span<const std::byte> file, const std::string& path);

/// Returns the header of version 1.0 for a matrix in C order, or for a vector of `rows` elements.
[[nodiscard]] std::string npy_header(
    ElementType type,
    std::uint64_t rows,
    std::uint64_t cols,
    NpyShape shape = NpyShape::matrix
);

}  // namespace kaygraph::detail
