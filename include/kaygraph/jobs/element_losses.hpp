#pragma once

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <string>

/// @file
/// What elements lost on their way into a matrix of another type.
/// @par MPI Local.
/// @par Threads Values.

#pragma GCC visibility push(hidden)

namespace kaygraph::jobs {

/// Elements that are not what they were, by the reason. What is not counted is exact, or the nearest number of a
/// floating-point type, or the nearest of i8 within its scale.
struct ElementLosses {
    std::uint64_t clamped = 0;      ///< beyond the range of an integer type: its nearest end
    std::uint64_t infinite = 0;     ///< beyond the range of f16 or f32: infinite
    std::uint64_t not_numbers = 0;  ///< NaN, which no integer type has: 0
    std::uint64_t rounded =
        0;  ///< integers that a floating-point type has not, fractions that an integer type has not

    void add(const ElementLosses& other) noexcept {
        clamped += other.clamped;
        infinite += other.infinite;
        not_numbers += other.not_numbers;
        rounded += other.rounded;
    }

    /// Returns a sentence for each reason, `type` being that of the matrix; a line break before each. Empty where
    /// nothing was lost.
    [[nodiscard]] KAYGRAPH_EXPORT std::string describe(ElementType type) const;
};

}  // namespace kaygraph::jobs

#pragma GCC visibility pop
