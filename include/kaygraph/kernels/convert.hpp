#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/kernels/simd_level.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

/// @file
/// Conversions between float32 and smaller numbers. Spans of one call have the same length.
/// @par MPI Local.
/// @par Threads Any thread; allocates nothing.

#pragma GCC visibility push(hidden)

namespace kaygraph::kernels {

/// IEEE 754 binary16, rounded to nearest, ties to even; overflow gives infinity, NaN stays a quiet NaN.
KAYGRAPH_EXPORT void to_f16(
    std::span<const float> from,
    std::span<std::uint16_t> to,
    SimdLevel level = simd_level()
);
KAYGRAPH_EXPORT void from_f16(
    std::span<const std::uint16_t> from,
    std::span<float> to,
    SimdLevel level = simd_level()
);

/// to = clamp(round(from × scale), −127, 127), ties to even; NaN gives 0. Returns how many were clamped.
KAYGRAPH_EXPORT std::size_t to_i8(
    std::span<const float> from,
    std::span<std::int8_t> to,
    float scale,
    SimdLevel level = simd_level()
);
/// to = from / scale.
KAYGRAPH_EXPORT void from_i8(
    std::span<const std::int8_t> from,
    std::span<float> to,
    float scale,
    SimdLevel level = simd_level()
);

}  // namespace kaygraph::kernels

#pragma GCC visibility pop
