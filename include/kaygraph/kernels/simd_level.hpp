#pragma once

#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <string_view>

/// @file
/// The instruction sets that kernels are built for. Every kernel gives the same bits on each of them:
/// nothing fuses a multiplication with an addition, and sums along a row use 16 partial sums and one
/// fixed tree.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph::kernels {

enum class SimdLevel : std::uint8_t {
    scalar,    ///< none: for a CPU whose vectors this library does not know
    baseline,  ///< what every CPU of the architecture has: SSE2, NEON
    avx2,      ///< AVX2, F16C
    avx512,    ///< AVX-512 F, BW, DQ, VL
};

/// Returns the level's name as KAYGRAPH_SIMD takes it.
[[nodiscard]] KAYGRAPH_EXPORT std::string_view to_string(SimdLevel level) noexcept;

/// Returns the highest level of this build that this CPU has.
[[nodiscard]] KAYGRAPH_EXPORT SimdLevel detected_simd_level() noexcept;

/// Returns the level that kernels use: the detected one, or a lower one that the environment variable
/// KAYGRAPH_SIMD named (scalar, baseline, avx2, avx512) when this was called first.
[[nodiscard]] KAYGRAPH_EXPORT SimdLevel simd_level() noexcept;

}  // namespace kaygraph::kernels

#pragma GCC visibility pop
