#pragma once

#include "models/lazy_memory.hpp"
#include "models/word_key.hpp"

#include <kaygraph/base/export.hpp>
#include <kaygraph/kernels/embedding_bag.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

namespace kaygraph::models::detail {

/// A row of float32 for each word that was met, or the knowledge that it has none. Bounded: when it is full, further
/// words are not kept. Readers take no lock.
/// @par Threads Any thread may find and insert.
class KAYGRAPH_EXPORT WordRowCache {
public:
    /// What is known of a word: the number of its row, or one of these.
    static constexpr std::uint32_t no_row = 0x7FFFFFFEU;
    static constexpr std::uint32_t not_here = 0x7FFFFFFFU;

    /// `bytes` bound the rows. Words longer than a kibibyte are not kept.
    WordRowCache(std::size_t cols, std::size_t bytes);

    using Key = WordKey;
    /// Makes a word's key, and fetches the place where it is looked for.
    [[nodiscard]] Key prepare(std::string_view word) const noexcept {
        const Key key{word};
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
                && (key.is_short() || is_word(value - 1, key))) {
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
            return key.place() & mask;
        }
        void put(const Slot& slot) noexcept;

        LazyMemory memory;
        Slot* slots;
        std::size_t mask;
    };

    [[nodiscard]] bool is_word(std::uint32_t row, const Key& key) const noexcept {
        const LongWord& kept = reinterpret_cast<const LongWord*>(long_words_.data())[row];
        return std::string_view{kept.bytes, kept.size} == key.word();
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

}  // namespace kaygraph::models::detail
