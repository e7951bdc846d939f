#pragma once

#include <kaygraph/base/element_type.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// @file
/// The element types of files as types of C++, and their conversion to float32.

namespace kaygraph::detail {

/// The bits of a float16.
struct Half {
    std::uint16_t bits;
};

/// Exact. No arithmetic on denormals, which a host may have switched off.
[[nodiscard]] inline float to_float(Half half) noexcept {
    const std::uint32_t sign = (half.bits & 0x8000U) << 16U;
    const std::uint32_t exponent = (half.bits >> 10U) & 0x1fU;
    const std::uint32_t mantissa = half.bits & 0x3ffU;
    if (exponent == 0) {
        const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
    }
    const std::uint32_t wide_exponent = exponent == 31 ? 255 : exponent + 112;
    return std::bit_cast<float>(sign | (wide_exponent << 23U) | (mantissa << 13U));
}

template <class T>
[[nodiscard]] float to_float(T value) noexcept {
    return static_cast<float>(value);
}

/// Reads an element that may stand at any address.
template <class T>
[[nodiscard]] T load(const std::byte* from) noexcept {
    T value;
    std::memcpy(&value, from, sizeof(T));
    return value;
}

/// Calls `action` with a value of the C++ type of an element type.
template <class Action>
decltype(auto) with_element_type(ElementType type, Action&& action) {
    switch (type) {
        case ElementType::f16:
            return action(Half{});
        case ElementType::f64:
            return action(double{});
        case ElementType::i8:
            return action(std::int8_t{});
        case ElementType::u8:
            return action(std::uint8_t{});
        case ElementType::i32:
            return action(std::int32_t{});
        case ElementType::i64:
            return action(std::int64_t{});
        case ElementType::f32:
            break;
    }
    return action(float{});
}

}  // namespace kaygraph::detail
