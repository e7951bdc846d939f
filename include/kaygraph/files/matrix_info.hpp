#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/files/matrix_format.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

/// @file
/// What the header of a matrix file says, once it has been compared with the bytes that are there.
/// @par MPI Local.
/// @par Threads Values; any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph {

struct MatrixInfo {
    MatrixFormat format = MatrixFormat::npy;
    ElementType type = ElementType::f32;
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
    std::uint64_t data_offset = 0;  ///< of the first element
    std::uint64_t row_stride = 0;   ///< bytes from row to row; 0 for text and Fortran order
    bool is_fortran = false;        ///< elements stand column by column
    std::string variant = {};       ///< for people: "npy 1.0", "tensor 'embeddings'"
};

/// Reads the header of a binary matrix from the bytes of its whole file, however large: only the header is
/// touched. One dimension of n is n × 1. Columns without any row, or rows without columns, have no elements:
/// the former are read, the latter refused. An empty .fvecs, .bvecs or .ivecs is 0 × 0.
/// `tensor` is the one to read of a .safetensors file; empty: its only one of two dimensions.
/// @throws FormatError where the header contradicts itself or the size of the file; ArgumentError for text,
/// which has no header.
[[nodiscard]] KAYGRAPH_EXPORT MatrixInfo read_matrix_info(
    std::span<const std::byte> file,
    const std::string& path,
    MatrixFormat format,
    const std::string& tensor = {}
);

}  // namespace kaygraph

#pragma GCC visibility pop
