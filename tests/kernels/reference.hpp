#pragma once

#include <kaygraph/kernels/simd_level.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>
#include <vector>

/// @file
/// The slow, obvious versions in double precision that judge every level, and what all kernel tests share.

namespace kaygraph::test {

/// Every level that this CPU has.
inline std::vector<kernels::SimdLevel> levels() {
    std::vector<kernels::SimdLevel> all;
    for (const auto level :
         {kernels::SimdLevel::scalar,
          kernels::SimdLevel::baseline,
          kernels::SimdLevel::avx2,
          kernels::SimdLevel::avx512}) {
        if (level <= kernels::detected_simd_level()) {
            all.push_back(level);
        }
    }
    return all;
}

/// Lengths around the widths of vectors.
inline std::vector<std::size_t> lengths() {
    std::vector<std::size_t> all;
    for (std::size_t n = 0; n <= 70; ++n) {
        all.push_back(n);
    }
    for (const std::size_t n : {100U, 127U, 128U, 129U, 255U, 256U, 257U, 300U, 1000U}) {
        all.push_back(n);
    }
    return all;
}

/// Numbers of both signs and many magnitudes.
inline std::vector<float> some_floats(std::size_t n, unsigned seed) {
    std::mt19937 random{seed};
    std::normal_distribution<float> normal;
    std::uniform_int_distribution<int> exponent{-8, 8};
    std::vector<float> values(n);
    for (float& value : values) {
        value = std::ldexp(normal(random), exponent(random));
    }
    return values;
}

inline double reference_dot(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    return sum;
}

/// The sum of magnitudes bounds the rounding errors of a sum.
inline double reference_magnitude(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += std::abs(static_cast<double>(a[i]) * static_cast<double>(b[i]));
    }
    return sum;
}

/// IEEE 754 binary16 to a number, by its definition.
inline double reference_half(std::uint16_t half) {
    const int exponent = half >> 10 & 0x1F;
    const int fraction = half & 0x3FF;
    const double sign = (half & 0x8000) != 0 ? -1 : 1;
    if (exponent == 31) {
        return fraction == 0 ? sign * INFINITY : NAN;
    }
    return exponent == 0 ? sign * std::ldexp(fraction, -24)
                         : sign * std::ldexp(1024 + fraction, exponent - 25);
}

}  // namespace kaygraph::test
