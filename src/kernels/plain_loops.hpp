#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

/// @file
/// Element by element: what a level does that has no instruction for it, and the last elements of those that have. In an unnamed namespace, as all of a level: see level_kernels.hpp.

namespace kaygraph::kernels::detail {
namespace {

/// Returns a number as binary16, rounded to nearest, ties to even.
inline std::uint16_t half_of(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    const std::uint32_t sign = bits >> 16U & 0x8000U;
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    std::uint32_t half = 0;
    if (magnitude > 0x7F800000U) {  // NaN: quiet, with the upper bits of its payload
        half = 0x7E00U | (magnitude >> 13U & 0x1FFU);
    } else if (magnitude >= 0x47800000U) {  // 65,536 and above
        half = 0x7C00U;
    } else if (magnitude < 0x38800000U) {  // below the normal numbers: the sum rounds at 2^-24
        float shifted;
        std::memcpy(&shifted, &magnitude, sizeof(shifted));
        shifted += 0.5F;
        std::uint32_t sum;
        std::memcpy(&sum, &shifted, sizeof(sum));
        half = sum - 0x3F000000U;
    } else {
        const std::uint32_t rounded = magnitude + 0xFFFU + (magnitude >> 13U & 1U);
        half = (rounded - 0x38000000U) >> 13U;
    }
    return static_cast<std::uint16_t>(sign | half);
}

inline float float_of_half(std::uint16_t half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16U;
    const std::uint32_t exponent = half >> 10U & 0x1FU;
    const std::uint32_t fraction = half & 0x3FFU;
    std::uint32_t bits = 0;
    if (exponent == 0) {
        const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
        std::memcpy(&bits, &magnitude, sizeof(bits));
        bits |= sign;
    } else if (exponent == 31) {
        // a NaN becomes a quiet one
        bits = sign | 0x7F800000U | fraction << 13U | (fraction != 0 ? 0x400000U : 0U);
    } else {
        bits = sign | (exponent + 112U) << 23U | fraction << 13U;
    }
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
}

/// Loops that compilers turn into the level's vectors themselves.
struct PlainLoops {
    static std::uint64_t separators(const char* bytes, bool with_nul) {
        std::uint64_t mask = 0;
        for (unsigned i = 0; i < 64; ++i) {
            const char b = bytes[i];
            const bool is_separator =
                b == ' ' || (b >= '\t' && b <= '\r') || (with_nul && b == '\0');
            mask |= static_cast<std::uint64_t>(is_separator) << i;
        }
        return mask;
    }
    static std::uint64_t high_bits(const char* bytes) {
        std::uint64_t any = 0;
        for (unsigned i = 0; i < 64; i += 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, bytes + i, sizeof(eight));
            any |= eight;
        }
        return any & 0x8080808080808080U;
    }

    static void to_f16(const float* from, std::uint16_t* to, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) {
            to[i] = half_of(from[i]);
        }
    }
    static void from_f16(const std::uint16_t* from, float* to, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) {
            to[i] = float_of_half(from[i]);
        }
    }
    static std::size_t to_i8(const float* from, std::int8_t* to, std::size_t n, float scale) {
        constexpr float shift =
            0x1.8p23F;  // a number of this size has no fraction: adding it rounds
        std::size_t n_clamped = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const float value = from[i] * scale;
            n_clamped += value >= 127.5F || value <= -127.5F ? 1U : 0U;
            const float known = value == value ? value : 0.0F;
            const float low = known < 127.0F ? known : 127.0F;
            const float bounded = low > -127.0F ? low : -127.0F;
            const float rounded = (bounded + shift) - shift;
            to[i] = static_cast<std::int8_t>(static_cast<int>(rounded));
        }
        return n_clamped;
    }
    static void from_i8(const std::int8_t* from, float* to, std::size_t n, float scale) {
        for (std::size_t i = 0; i < n; ++i) {
            to[i] = static_cast<float>(from[i]) / scale;
        }
    }
};

}  // namespace
}  // namespace kaygraph::kernels::detail
