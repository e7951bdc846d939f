#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/kernels/simd_level.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// @file
/// Scans over text: fields between white space, validity of UTF-8.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph::kernels {

/// A field of a text: its bytes [first, last).
struct Field {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    friend bool operator==(const Field&, const Field&) = default;
};

/// What separates fields.
enum class Separators : std::uint8_t {
    space,      ///< space, \t \n \v \f \r: white space of C++ streams in the C locale
    space_nul,  ///< the same and NUL
};

/// Leaves the fields of a text in `fields`, in order; what it held is dropped, its capacity used again.
/// Shapes: text has less than 2³² bytes.
KAYGRAPH_EXPORT void split_fields(
    std::string_view text,
    Separators separators,
    std::vector<Field>& fields,
    SimdLevel level = simd_level()
);

/// Returns the offset of the first byte that does not belong to well-formed UTF-8 (RFC 3629: no surrogates,
/// no overlong forms, at most U+10FFFF); text.size() where all is well.
[[nodiscard]] KAYGRAPH_EXPORT std::size_t first_invalid_utf8(
    std::string_view text,
    SimdLevel level = simd_level()
);

}  // namespace kaygraph::kernels

#pragma GCC visibility pop
