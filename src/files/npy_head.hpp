#pragma once

#include <kaygraph/files/matrix_reader.hpp>

#include <span>
#include <string>

namespace kaygraph::detail {

/// Reads the head of an .npy file (numpy.lib.format, versions 1 to 3).
/// @throws FormatError with file and offset.
MatrixInfo parse_npy_head(std::span<const std::byte> file, const std::string& path);

/// Returns the head of an .npy file of version 1, padded so that the data begins at a multiple of 64.
std::string make_npy_head(ElementType type, std::uint64_t rows, std::uint64_t cols, bool is_vector);

}  // namespace kaygraph::detail
