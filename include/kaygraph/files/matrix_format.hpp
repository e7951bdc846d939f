#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// @file
/// The layouts of matrix files. All numbers are little-endian.
/// @par MPI Local.
/// @par Threads Values.

namespace kaygraph {

enum class MatrixFormat : std::uint8_t {
    npy,          ///< NumPy's .npy, versions 1 to 3 (NumPy, numpy.lib.format); written as version 1
    fbin,         ///< u32 rows, u32 cols, f32 elements (big-ann-benchmarks)
    u8bin,        ///< the same of u8
    i8bin,        ///< the same of i8
    ibin,         ///< the same of i32
    fvecs,        ///< each row i32 cols, then f32 elements (TEXMEX corpus)
    bvecs,        ///< the same of u8
    ivecs,        ///< the same of i32
    safetensors,  ///< a tensor of a safetensors file; read only
    text,         ///< a row a line: numbers between white space or commas
};

/// Returns the format's name, as `parse_format` takes it.
[[nodiscard]] KAYGRAPH_EXPORT std::string_view to_string(MatrixFormat format) noexcept;

/// @throws ArgumentError naming the formats there are.
[[nodiscard]] KAYGRAPH_EXPORT MatrixFormat parse_format(std::string_view name);

/// Returns the format that a file's name tells. @throws ArgumentError naming the endings there are.
[[nodiscard]] KAYGRAPH_EXPORT MatrixFormat format_of_path(const std::string& path);

/// Returns whether files of a format can hold elements of a type.
[[nodiscard]] KAYGRAPH_EXPORT bool can_hold(MatrixFormat format, ElementType type) noexcept;

}  // namespace kaygraph
