#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// @file
/// The layouts of files that hold a matrix.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph {

enum class MatrixFormat : std::uint8_t {
    npy,          ///< NumPy: versions 1 to 3, C and Fortran order, one or two dimensions
    fbin,         ///< u32 rows, u32 columns, then f32
    u8bin,        ///< the same with u8
    i8bin,        ///< the same with i8
    ibin,         ///< the same with i32
    fvecs,        ///< each row: i32 columns, then f32
    bvecs,        ///< the same with u8
    ivecs,        ///< the same with i32
    safetensors,  ///< a tensor of one or two dimensions; read only
    text,         ///< a row a line: numbers apart by blanks, or by commas; lines of # are comments
};

/// The most columns of a format whose headers may lie: all but npy and safetensors.
inline constexpr std::uint64_t max_matrix_columns = 65'536;

/// Returns the format's name as it is written in the enumeration.
[[nodiscard]] KAYGRAPH_EXPORT std::string_view to_string(MatrixFormat format) noexcept;

/// Returns the format of a name as to_string() writes it. @throws ArgumentError that lists the names.
[[nodiscard]] KAYGRAPH_EXPORT MatrixFormat parse_format(std::string_view name);

/// Returns the format that a file's extension says: the format's name, or `.txt` for text. Upper case is the same.
/// @throws ArgumentError that lists the extensions.
[[nodiscard]] KAYGRAPH_EXPORT MatrixFormat format_of_path(std::string_view path);

/// Returns the one element type of a format, nothing where it can have several.
[[nodiscard]] KAYGRAPH_EXPORT std::optional<ElementType> only_element_type(MatrixFormat format
) noexcept;

/// Returns whether files of a format can hold elements of a type.
[[nodiscard]] KAYGRAPH_EXPORT bool can_hold(MatrixFormat format, ElementType type) noexcept;

/// Returns the names of the formats that can be written with an element type: "npy, fbin, fvecs, text".
[[nodiscard]] KAYGRAPH_EXPORT std::string formats_for(ElementType type);

}  // namespace kaygraph

#pragma GCC visibility pop
