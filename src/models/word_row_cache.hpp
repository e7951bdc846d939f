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

/// A row of float32 for each word that was met, and a number that goes with it. Bounded: when it is full,
/// further words have none. Readers take no lock.
/// @par Threads Any thread may find and insert.
class WordRowCache {
public:
    static constexpr std::uint32_t none = 0xFFFFFFFFU;

    /// `bytes` bound the rows. Words longer than a kibibyte are not kept.
    WordRowCache(std::size_t cols, std::size_t bytes);

    /// A word as it is compared: all of a short one, a hash of a long one.
    struct Key {
        std::uint64_t low;
        std::uint32_t high;
    };
    [[nodiscard]] static Key key_of(std::string_view word) noexcept;

    /// Returns the row of a word, or `none`.
    [[nodiscard]] std::uint32_t find(std::string_view word) const noexcept {
        const Key key = key_of(word);
        for (std::size_t at = place_of(key);; at = (at + 1) & mask_) {
            const Slot& slot = slots_[at];
            const std::uint32_t id =
                std::atomic_ref<std::uint32_t>(const_cast<std::uint32_t&>(slot.id_and_one))
                    .load(std::memory_order_acquire);
            if (id == 0) {
                return none;
            }
            if (slot.low == key.low && slot.high == key.high
                && (word.size() <= longest_short || is_word(id - 1, word))) {
                return id - 1;
            }
        }
    }

    /// Keeps a row of a word, unless the cache is full or somebody was faster. Returns the row, or `none`.
    std::uint32_t insert(std::string_view word, std::span<const float> row, std::uint64_t note);

    [[nodiscard]] kernels::RowTable table() const noexcept {
        return {rows_.data(), capacity_, cols_, ElementType::f32};
    }
    [[nodiscard]] std::span<const float> row(std::uint32_t id) const noexcept {
        return {reinterpret_cast<const float*>(rows_.data()) + id * cols_, cols_};
    }
    /// Returns the number that was given with a row.
    [[nodiscard]] std::uint64_t note(std::uint32_t id) const noexcept {
        return reinterpret_cast<const std::uint64_t*>(notes_.data())[id];
    }

private:
    static constexpr std::size_t longest_short = 11;
    static constexpr std::size_t longest_kept = 1024;

    struct Slot {
        std::uint64_t low;
        std::uint32_t high;
        std::uint32_t id_and_one;  // written last; 0: free
    };
    /// A long word.
    struct LongWord {
        const char* bytes;
        std::size_t size;
    };

    [[nodiscard]] std::size_t place_of(const Key& key) const noexcept {
        return kernels::detail::folded_product(
                   key.low ^ 0x9E3779B97F4A7C15U, key.high ^ 0xD1B54A32D192ED03U
               )
               & mask_;
    }
    [[nodiscard]] bool is_word(std::uint32_t id, std::string_view word) const noexcept {
        const LongWord& kept = reinterpret_cast<const LongWord*>(long_words_.data())[id];
        return std::string_view{kept.bytes, kept.size} == word;
    }

    std::size_t cols_;
    std::size_t capacity_;
    std::size_t mask_;
    LazyMemory rows_;
    LazyMemory notes_;
    LazyMemory long_words_;
    LazyMemory slot_memory_;
    Slot* slots_;
    std::mutex mutex_;
    std::uint32_t size_ = 0;
    std::vector<std::unique_ptr<char[]>> bytes_of_long_words_;
};

inline WordRowCache::Key WordRowCache::key_of(std::string_view word) noexcept {
    const char* at = word.data();
    const std::size_t n = word.size();
    if (n > longest_short) {
        const std::uint64_t hash = kernels::hash_bytes(word, 0);
        return {hash, 0xFF000000U | static_cast<std::uint32_t>(hash >> 40U)};
    }
    // the bytes without any behind them, in as few loads as can be
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    if (n >= 8) {
        low = kernels::detail::word_at<std::uint64_t>(at);
        const std::uint32_t last =
            static_cast<std::uint32_t>(kernels::detail::word_at<std::uint32_t>(at + n - 4));
        high = n == 8 ? 0 : last >> (8 * (12 - n));
    } else if (n >= 4) {
        const std::uint64_t last = kernels::detail::word_at<std::uint32_t>(at + n - 4);
        low = kernels::detail::word_at<std::uint32_t>(at) | last << (8 * (n - 4));
    } else {
        for (std::size_t i = 0; i < n; ++i) {
            low |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
        }
    }
    return {low, static_cast<std::uint32_t>(high) | static_cast<std::uint32_t>(n) << 24U};
}

}  // namespace kaygraph::models::detail
