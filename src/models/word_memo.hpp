#pragma once

#include "models/word_key.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kaygraph::models::detail {

/// What one thread remembers of words: a value each, up to a number of words; then it forgets all and begins anew.
template <class Value>
class WordMemo {
public:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    explicit WordMemo(std::size_t most) : most_(most), slots_(16) {}

    /// Fetches the place where a word is looked for.
    void prefetch(const WordKey& key) const noexcept {
        __builtin_prefetch(&slots_[key.place() & mask()]);
    }

    /// Returns the index of a word, good until `clear`, or `none`.
    [[nodiscard]] std::uint32_t find(const WordKey& key) const noexcept {
        for (std::size_t at = key.place() & mask();; at = (at + 1) & mask()) {
            const Slot& slot = slots_[at];
            if (slot.index_and_one == 0) {
                return none;
            }
            if (slot.low == key.low && slot.high == key.high) {
                const std::uint32_t index = slot.index_and_one - 1;
                if (key.is_short() || entries_[index].word == key.word()) {
                    return index;
                }
            }
        }
    }

    [[nodiscard]] const Value& value(std::uint32_t index) const noexcept {
        return entries_[index].value;
    }
    void prefetch_value(std::uint32_t index) const noexcept {
        if (index != none) {
            __builtin_prefetch(&entries_[index]);
        }
    }

    [[nodiscard]] bool has_room_for(std::size_t n) const noexcept {
        return entries_.size() + n <= most_;
    }
    void clear() {
        slots_.assign(slots_.size(), {});
        entries_.clear();
        long_words_.clear();
    }

    /// Keeps the value of a word that is not there, and returns its index.
    std::uint32_t insert(const WordKey& key, Value value) {
        if (2 * (entries_.size() + 1) > slots_.size()) {
            const std::vector<Slot> before =
                std::exchange(slots_, std::vector<Slot>(4 * slots_.size()));
            for (const Slot& slot : before) {
                if (slot.index_and_one != 0) {
                    put(slot);
                }
            }
        }
        std::string_view kept;
        if (!key.is_short()) {
            kept = long_words_.emplace_back(key.word());
        }
        entries_.push_back({kept, std::move(value)});
        const auto index_and_one = static_cast<std::uint32_t>(entries_.size());
        put({key.low, key.high, index_and_one});
        return index_and_one - 1;
    }

private:
    struct Slot {
        std::uint64_t low = 0;
        std::uint32_t high = 0;
        std::uint32_t index_and_one = 0;
    };
    struct Entry {
        std::string_view word;  // of a long one
        Value value;
    };

    [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }
    void put(const Slot& slot) noexcept {
        std::size_t at = WordKey::place_of(slot.low, slot.high) & mask();
        while (slots_[at].index_and_one != 0) {
            at = (at + 1) & mask();
        }
        slots_[at] = slot;
    }

    std::size_t most_;
    std::vector<Slot> slots_;  // a power of two of them, at most half in use
    std::vector<Entry> entries_;
    std::deque<std::string> long_words_;
};

}  // namespace kaygraph::models::detail
