#pragma once

#include <kaygraph/kernels/embedding_bag.hpp>
#include <kaygraph/kernels/hash.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

namespace kaygraph::models::detail {

/// Memory of zeros that costs nothing before it is touched.
class LazyMemory {
public:
    explicit LazyMemory(std::size_t bytes);
    LazyMemory(const LazyMemory&) = delete;
    LazyMemory& operator=(const LazyMemory&) = delete;
    ~LazyMemory();

    [[nodiscard]] std::byte* data() const noexcept { return data_; }

private:
    std::byte* data_;
    std::size_t bytes_;
};

/// A row of float32 for each word that was met, or the knowledge that it has none. Bounded: when it is full, further
/// words are not kept. Readers take no lock.
/// @par Threads Any thread may find and insert.
class WordRowCache {
public:
    /// What is known of a word: the number of its row, or one of these.
    static constexpr std::uint32_t no_row = 0x7FFFFFFEU;
    static constexpr std::uint32_t not_here = 0x7FFFFFFFU;

    /// `bytes` bound the rows. Words longer than a kibibyte are not kept.
    WordRowCache(std::size_t cols, std::size_t bytes);

    /// A word as it is compared: all of a short one, a hash of a long one.
    struct Key {
        std::uint64_t low;
        std::uint32_t high;
        std::uint32_t size;
        const char* bytes;
    };
    /// Makes a word's key, and fetches the place where it is looked for.
    [[nodiscard]] Key prepare(std::string_view word) const noexcept {
        const Key key = key_of(word);
        const Table& table = *table_.load(std::memory_order_acquire);
        __builtin_prefetch(table.slots + table.place_of(key));
        return key;
    }

    /// Returns a word's row, `no_row` or `not_here`.
    [[nodiscard]] std::uint32_t find(const Key& key) const noexcept {
        const Table& table = *table_.load(std::memory_order_acquire);
        for (std::size_t at = table.place_of(key);; at = (at + 1) & table.mask) {
            const Slot& slot = table.slots[at];
            const std::uint32_t value =
                std::atomic_ref<std::uint32_t>(const_cast<std::uint32_t&>(slot.row_and_one))
                    .load(std::memory_order_acquire);
            if (value == 0) {
                return not_here;
            }
            if (slot.low == key.low && slot.high == key.high
                && (key.size <= longest_short || is_word(value - 1, key))) {
                return value - 1;
            }
        }
    }

    /// Keeps what is known of a word, unless the cache is full or somebody was faster; an empty row for a word that has
    /// none. Returns its row, `no_row` or `not_here`. Of words of over 11 bytes only those with a row are kept.
    std::uint32_t insert(std::string_view word, std::span<const float> row);

    [[nodiscard]] kernels::RowTable table() const noexcept {
        return {rows_.data(), capacity_, cols_, ElementType::f32};
    }

private:
    static constexpr std::size_t longest_short = 11;
    static constexpr std::size_t longest_kept = 1024;

    struct Slot {
        std::uint64_t low;
        std::uint32_t high;
        std::uint32_t row_and_one;  // written last; 0: free
    };
    /// The bytes of a word that a slot has only a hash of.
    struct LongWord {
        const char* bytes;
        std::size_t size;
    };
    /// A table of a power of two of slots, at most half of them in use.
    struct Table {
        explicit Table(std::size_t n_slots);
        [[nodiscard]] std::size_t place_of(const Key& key) const noexcept {
            return kernels::detail::folded_product(
                       key.low ^ 0x9E3779B97F4A7C15U, key.high ^ 0xD1B54A32D192ED03U
                   )
                   & mask;
        }
        void put(const Slot& slot) noexcept;

        LazyMemory memory;
        Slot* slots;
        std::size_t mask;
    };

    static Key key_of(std::string_view word) noexcept;
    [[nodiscard]] bool is_word(std::uint32_t row, const Key& key) const noexcept {
        const LongWord& kept = reinterpret_cast<const LongWord*>(long_words_.data())[row];
        return std::string_view{kept.bytes, kept.size} == std::string_view{key.bytes, key.size};
    }

    std::size_t cols_;
    std::size_t capacity_;
    LazyMemory rows_;
    LazyMemory long_words_;  // by row
    std::atomic<const Table*> table_;
    std::vector<std::unique_ptr<Table>> tables_;  // readers may still be in the earlier ones
    std::mutex mutex_;
    std::uint32_t n_rows_ = 0;
    std::size_t n_words_ = 0;
    std::vector<std::unique_ptr<char[]>> bytes_of_long_words_;
};

inline WordRowCache::Key WordRowCache::key_of(std::string_view word) noexcept {
    const char* at = word.data();
    const std::size_t n = word.size();
    const auto size = static_cast<std::uint32_t>(n);
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    if (n > longest_short) {
        const std::uint64_t hash = kernels::hash_bytes(word, 0);
        return {hash, 0xFF000000U | static_cast<std::uint32_t>(hash >> 40U), size, at};
    }
    // the bytes without any behind them, in as few loads as can be
    if (n >= 8) {
        low = kernels::detail::word_at<std::uint64_t>(at);
        high = n == 8 ? 0 : kernels::detail::word_at<std::uint32_t>(at + n - 4) >> (8 * (12 - n));
    } else if (n >= 4) {
        const std::uint64_t last = kernels::detail::word_at<std::uint32_t>(at + n - 4);
        low = kernels::detail::word_at<std::uint32_t>(at) | last << (8 * (n - 4));
    } else if (n > 0) {
        // one, two or three bytes: the first, the middle one and the last are all of them
        low = kernels::detail::word_at<std::uint8_t>(at)
              | kernels::detail::word_at<std::uint8_t>(at + n / 2) << (8 * (n / 2))
              | kernels::detail::word_at<std::uint8_t>(at + n - 1) << (8 * (n - 1));
    }
    return {low, static_cast<std::uint32_t>(high) | size << 24U, size, at};
}

}  // namespace kaygraph::models::detail
