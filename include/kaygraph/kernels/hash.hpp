#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// @file
/// A fast hash of short strings, fixed for ever: what it gives may be kept in files.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph::kernels {

namespace detail {

// NOLINTNEXTLINE(modernize-use-using): a using takes no __extension__
__extension__ typedef unsigned __int128 Wide;

/// The product of two words, its halves folded together.
inline std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) noexcept {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// The upper half of the product of two words.
inline std::uint64_t high_product(std::uint64_t a, std::uint64_t b) noexcept {
    return static_cast<std::uint64_t>((static_cast<Wide>(a) * b) >> 64U);
}

template <class T>
std::uint64_t word_at(const char* at) noexcept {
    T value;
    std::memcpy(&value, at, sizeof(value));
    return value;
}

}  // namespace detail

/// Returns a 64-bit hash of bytes. Not for secrets: whoever chooses the bytes can choose the hash.
///
/// Up to 16 bytes are two words, which may overlap: the first and the last eight, or four, or three single bytes.
/// More are taken by 16 and then the last 16. Each pair of words (a, b) makes
/// h = fold((a ^ K1) × (b ^ h)), h begins as the seed ^ K0, and the result is fold((h ^ K2) × (length ^ K1)).
/// Source: the multiply-and-fold construction of wyhash (Wang Yi, 2019), with other constants (the fractions of
/// √2, √3, √5).
inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) noexcept {
    constexpr std::uint64_t k0 = 0x6A09E667F3BCC909U;
    constexpr std::uint64_t k1 = 0xBB67AE8584CAA73BU;
    constexpr std::uint64_t k2 = 0x3C6EF372FE94F82BU;
    const char* at = bytes.data();
    const std::size_t n = bytes.size();
    std::uint64_t hash = seed ^ k0;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    if (n > 16) {
        for (std::size_t left = n; left > 16; left -= 16, at += 16) {
            hash = detail::folded_product(
                detail::word_at<std::uint64_t>(at) ^ k1,
                detail::word_at<std::uint64_t>(at + 8) ^ hash
            );
        }
        a = detail::word_at<std::uint64_t>(bytes.data() + n - 16);
        b = detail::word_at<std::uint64_t>(bytes.data() + n - 8);
    } else if (n >= 8) {
        a = detail::word_at<std::uint64_t>(at);
        b = detail::word_at<std::uint64_t>(at + n - 8);
    } else if (n >= 4) {
        a = detail::word_at<std::uint32_t>(at);
        b = detail::word_at<std::uint32_t>(at + n - 4);
    } else if (n > 0) {
        a = detail::word_at<std::uint8_t>(at) << 16U
            | detail::word_at<std::uint8_t>(at + n / 2) << 8U
            | detail::word_at<std::uint8_t>(at + n - 1);
    }
    hash = detail::folded_product(a ^ k1, b ^ hash);
    return detail::folded_product(hash ^ k2, n ^ k1);
}

}  // namespace kaygraph::kernels

#pragma GCC visibility pop
