#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/jobs/element_losses.hpp>

#include <cstddef>
#include <optional>
#include <span>

namespace kaygraph::jobs::detail {

/// Converts elements. Between floating-point types: to the nearest, ties to even. From integers: the same number, to
/// the nearest where it goes into a floating-point type. From floating-point types to i8: value × `i8_scale`, to the
/// nearest, within ±127; to the other integers: to the nearest, within their range.
/// Adds what was lost to `losses`. Integers that an integer type has not are no loss but an end: returns the index
/// of the first, and what `to` holds is unspecified then.
/// Shapes: as many elements in `to` as in `from`.
[[nodiscard]] KAYGRAPH_EXPORT std::optional<std::size_t> convert_elements(
    std::span<const std::byte> from,
    ElementType from_type,
    std::span<std::byte> to,
    ElementType to_type,
    float i8_scale,
    ElementLosses& losses
);

}  // namespace kaygraph::jobs::detail
