#pragma once

#include <kaygraph/kernels/hash.hpp>

#include <algorithm>
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
struct ShortWord {
    static constexpr std::size_t max_length = 16;

    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const ShortWord&, const ShortWord&) = default;
};

/// Reads 16 bytes.
[[nodiscard]] inline ShortWord load_bytes(const char* bytes) noexcept {
    static_assert(std::endian::native == std::endian::little);
    ShortWord key;
    std::memcpy(&key.low, bytes, 8);
    std::memcpy(&key.high, bytes + 8, 8);
    return key;
}

/// Keeps the first `length` bytes, at most 16.
[[nodiscard]] inline ShortWord first_bytes(ShortWord key, std::size_t length) noexcept {
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

/// The same for all 16.
[[nodiscard]] constexpr std::size_t count_alphanumeric(const ShortWord& word) noexcept {
    const unsigned n = count_alphanumeric(word.low);
    return n < 8 ? n : n + count_alphanumeric(word.high);
}

/// Lower-cases the letters of ASCII.
[[nodiscard]] constexpr std::uint64_t to_lower(std::uint64_t bytes) noexcept {
    return bytes | bytes_between(bytes, 'A', 'Z') >> 2U;
}

/// Ids of words, by word, in pairs of places; a new word takes the place of the one of its pair that was not used
/// last. A cache never changes what is found.
/// @par Threads One at a time.
class WordCache {
public:
    static constexpr std::size_t max_ids = 3;

    struct Entry {
        ShortWord key;
        std::array<std::uint32_t, max_ids> ids{};
        std::uint16_t n_ids_and_1 = 0;  // 0: empty
        std::uint16_t last_used = 0;    // of the first of a pair: which of the two

        [[nodiscard]] bool holds(const ShortWord& word) const noexcept {
            return key == word && n_ids_and_1 != 0;
        }
    };

    /// `capacity`: 0, or a power of two of at least 2.
    explicit WordCache(std::size_t capacity)
        : pairs_(capacity / 2),
          shift_(
              pairs_.size() < 2 ? 63U
                                : 64U - static_cast<unsigned>(std::bit_width(pairs_.size() - 1))
          ) {}

    /// Fetches the place where a word may lie.
    void prefetch(const ShortWord& word) const noexcept {
        if (!pairs_.empty()) {
            __builtin_prefetch(&pairs_[pair_of(word)]);
        }
    }

    /// Returns the entry of a word, or nullptr.
    [[nodiscard]] const Entry* find(const ShortWord& word) noexcept {
        if (pairs_.empty()) {
            return nullptr;
        }
        auto& entries = pairs_[pair_of(word)].entries;
        for (std::uint16_t i = 0; i < 2; ++i) {
            if (entries[i].holds(word)) {
                entries[0].last_used = i;
                return &entries[i];
            }
        }
        return nullptr;
    }

    /// Keeps the ids of a word that is not there, at most max_ids.
    void put(const ShortWord& word, std::span<const std::uint32_t> ids) noexcept {
        if (pairs_.empty()) {
            return;
        }
        auto& entries = pairs_[pair_of(word)].entries;
        entries[0].last_used ^= 1U;
        Entry& entry = entries[entries[0].last_used];
        entry.key = word;
        entry.n_ids_and_1 = static_cast<std::uint16_t>(ids.size() + 1);
        std::copy(ids.begin(), ids.end(), entry.ids.begin());
    }

private:
    struct alignas(64) Pair {
        std::array<Entry, 2> entries;
    };

    [[nodiscard]] std::size_t pair_of(const ShortWord& word) const noexcept {
        const std::uint64_t mixed = kernels::detail::folded_product(
            word.low ^ 0x9E3779B97F4A7C15U, word.high ^ 0xD1B54A32D192ED03U
        );
        return (mixed >> shift_) & (pairs_.size() - 1);
    }

    std::vector<Pair> pairs_;
    unsigned shift_;
};

}  // namespace kaygraph::models::detail
