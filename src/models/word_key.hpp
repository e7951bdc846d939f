#pragma once

#include <kaygraph/kernels/hash.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kaygraph::models::detail {

/// A word as tables compare it: all of a short one, a hash of a long one, whose bytes are to be compared then.
struct WordKey {
    static constexpr std::size_t longest_short = 11;

    std::uint64_t low;
    std::uint32_t high;
    std::uint32_t size;
    const char* bytes;

    explicit WordKey(std::string_view word) noexcept;

    [[nodiscard]] bool is_short() const noexcept { return size <= longest_short; }
    [[nodiscard]] std::string_view word() const noexcept { return {bytes, size}; }
    /// Returns a number to begin a search with.
    [[nodiscard]] static std::uint64_t place_of(std::uint64_t low, std::uint32_t high) noexcept {
        return kernels::detail::folded_product(
            low ^ 0x9E3779B97F4A7C15U, high ^ 0xD1B54A32D192ED03U
        );
    }
    [[nodiscard]] std::uint64_t place() const noexcept { return place_of(low, high); }
};

inline WordKey::WordKey(std::string_view word) noexcept
    : low(0), high(0), size(static_cast<std::uint32_t>(word.size())), bytes(word.data()) {
    using kernels::detail::word_at;
    const std::size_t n = word.size();
    std::uint64_t rest = 0;
    if (n > longest_short) {
        low = kernels::hash_bytes(word, 0);
        high = 0xFF000000U | static_cast<std::uint32_t>(low >> 40U);
        return;
    }
    // the bytes without any behind them, in as few loads as can be
    if (n >= 8) {
        low = word_at<std::uint64_t>(bytes);
        rest = n == 8 ? 0 : word_at<std::uint32_t>(bytes + n - 4) >> (8 * (12 - n));
    } else if (n >= 4) {
        low =
            word_at<std::uint32_t>(bytes) | word_at<std::uint32_t>(bytes + n - 4) << (8 * (n - 4));
    } else if (n > 0) {
        // one, two or three bytes: the first, the middle one and the last are all of them
        low = word_at<std::uint8_t>(bytes) | word_at<std::uint8_t>(bytes + n / 2) << (8 * (n / 2))
              | word_at<std::uint8_t>(bytes + n - 1) << (8 * (n - 1));
    }
    high = static_cast<std::uint32_t>(rest) | size << 24U;
}

}  // namespace kaygraph::models::detail
