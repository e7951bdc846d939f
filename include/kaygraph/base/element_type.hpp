#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

/// @file
/// The numbers that matrices in files and tables of models are made of. All little-endian.
/// @par MPI Local.
/// @par Threads Values.

#pragma GCC visibility push(hidden)

namespace kaygraph {

enum class ElementType : std::uint8_t { f16, f32, f64, i8, u8, i32, i64 };

/// Returns the bytes of one element.
[[nodiscard]] constexpr std::size_t size_of(ElementType type) noexcept {
    switch (type) {
        case ElementType::i8:
        case ElementType::u8:
            return 1;
        case ElementType::f16:
            return 2;
        case ElementType::f32:
        case ElementType::i32:
            return 4;
        case ElementType::f64:
        case ElementType::i64:
            return 8;
    }
    return 0;
}

/// Returns the type's name as it is written in the enumeration.
[[nodiscard]] KAYGRAPH_EXPORT std::string_view to_string(ElementType type) noexcept;

/// Returns the type of a name. @throws ArgumentError that lists the names, for another one.
[[nodiscard]] KAYGRAPH_EXPORT ElementType parse_element_type(std::string_view name);

}  // namespace kaygraph

#pragma GCC visibility pop
