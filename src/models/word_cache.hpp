#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

/// @file
/// Short words in registers, and a cache of their ids.

namespace kaygraph::models::detail {

/// The bytes of a word of up to 16 bytes, without NUL, padded by NUL; in the order of memory.
struct WordKey {
    static constexpr std::size_t max_length = 16;

    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const WordKey&, const WordKey&) = default;
};

/// Reads 16 bytes.
[[nodiscard]] inline WordKey load_word(const char* bytes) noexcept {
    static_assert(std::endian::native == std::endian::little);
    WordKey key;
    std::memcpy(&key.low, bytes, 8);
    std::memcpy(&key.high, bytes + 8, 8);
    return key;
}

/// Keeps the first `length` bytes, at most 16.
[[nodiscard]] inline WordKey first_bytes(WordKey key, std::size_t length) noexcept {
    constexpr std::uint64_t all = ~std::uint64_t{0};
    const auto bits = static_cast<unsigned>(length) * 8U;
    key.low &= bits >= 64 ? all : ~(all << bits);
    key.high &= bits >= 128 ? all : bits <= 64 ? 0 : ~(all << (bits - 64U));
    return key;
}

/// Sets the high bit of each byte between first and last, both below 0x80; other bits are zero.
[[nodiscard]] constexpr std::uint64_t bytes_between(
    std::uint64_t bytes,
    unsigned first,
    unsigned last
) noexcept {
    constexpr std::uint64_t each = 0x0101010101010101;
    constexpr std::uint64_t high = 0x8080808080808080;
    const std::uint64_t low_bits = bytes & ~high;
    const std::uint64_t from_first = low_bits + each * (0x80U - first);
    const std::uint64_t past_last = low_bits + each * (0x7FU - last);
    return from_first & ~past_last & ~bytes & high;
}

/// Returns how many of 8 bytes from the first on are letters or digits of ASCII.
[[nodiscard]] constexpr unsigned count_alphanumeric(std::uint64_t bytes) noexcept {
    constexpr std::uint64_t case_bits = 0x2020202020202020;
    constexpr std::uint64_t high = 0x8080808080808080;
    const std::uint64_t is_word =
        bytes_between(bytes, '0', '9') | bytes_between(bytes | case_bits, 'a', 'z');
    const std::uint64_t is_other = is_word ^ high;
    return static_cast<unsigned>(std::countr_zero(is_other)) / 8U;  // 64 / 8 where there is none
}

/// Lower-cases the letters of ASCII.
[[nodiscard]] constexpr std::uint64_t to_lower(std::uint64_t bytes) noexcept {
    return bytes | bytes_between(bytes, 'A', 'Z') >> 2U;
}

/// Ids of words, by word; a new one takes the place of an old one. A cache never changes what is found.
/// @par Threads One at a time.
class WordCache {
public:
    static constexpr std::size_t max_ids = 3;

    struct Entry {
        WordKey key;
        std::array<std::uint32_t, max_ids> ids{};
        std::uint32_t n_ids_and_1 = 0;  // 0: empty
    };

    /// `capacity`: 0, or a power of two.
    explicit WordCache(std::size_t capacity)
        : entries_(capacity),
          shift_(64U - static_cast<unsigned>(std::bit_width(capacity == 0 ? 0 : capacity - 1))) {}

    [[nodiscard]] bool is_on() const noexcept { return !entries_.empty(); }

    /// Returns the only entry that may hold a word; only where the cache is on.
    [[nodiscard]] Entry& entry_for(const WordKey& key) noexcept {
        constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
        const std::uint64_t mixed = (key.low ^ std::rotl(key.high * odd, 32)) * odd;
        return entries_[shift_ >= 64 ? 0 : mixed >> shift_];
    }

private:
    std::vector<Entry> entries_;
    unsigned shift_;
};

}  // namespace kaygraph::models::detail
