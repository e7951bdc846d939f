#pragma once

#include <kaygraph/kernels/hash.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace kaygraph::models::detail {

/// Words by number: an open table over bytes that lie elsewhere, in a file's map.
class WordTable {
public:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    WordTable() = default;
    explicit WordTable(std::size_t expected) { reserve(expected); }

    /// Makes room for so many words.
    void reserve(std::size_t n) {
        words_.reserve(n);
        std::size_t n_slots = 16;
        while (n_slots < 2 * n) {
            n_slots *= 2;
        }
        if (n_slots > slots_.size()) {
            spread_over(n_slots);
        }
    }

    /// Returns the number of a word, `none` where it has none.
    [[nodiscard]] std::uint32_t find(std::string_view word) const noexcept {
        if (slots_.empty()) {
            return none;
        }
        const std::uint64_t hash = hash_of(word);
        for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
            const Slot& slot = slots_[at];
            if (slot.id == none || (slot.tag == tag_of(hash) && words_[slot.id] == word)) {
                return slot.id;
            }
        }
    }

    /// Gives a word the next number, where it has none. Returns its number, and whether that is new.
    std::pair<std::uint32_t, bool> insert(std::string_view word) {
        if (2 * (words_.size() + 1) > slots_.size()) {
            reserve(2 * words_.size() + 8);
        }
        const std::uint64_t hash = hash_of(word);
        for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
            Slot& slot = slots_[at];
            if (slot.id == none) {
                slot = {tag_of(hash), static_cast<std::uint32_t>(words_.size())};
                words_.push_back(word);
                return {slot.id, true};
            }
            if (slot.tag == tag_of(hash) && words_[slot.id] == word) {
                return {slot.id, false};
            }
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return words_.size(); }
    [[nodiscard]] std::string_view operator[](std::uint32_t id) const noexcept {
        return words_[id];
    }

private:
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t id = none;
    };

    static std::uint64_t hash_of(std::string_view word) noexcept {
        return kernels::hash_bytes(word, 0);
    }
    static std::uint32_t tag_of(std::uint64_t hash) noexcept {
        return static_cast<std::uint32_t>(hash >> 32U);
    }
    [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }

    void spread_over(std::size_t n_slots) {
        slots_.assign(n_slots, {});
        for (std::uint32_t id = 0; id < words_.size(); ++id) {
            const std::uint64_t hash = hash_of(words_[id]);
            std::size_t at = hash & mask();
            while (slots_[at].id != none) {
                at = (at + 1) & mask();
            }
            slots_[at] = {tag_of(hash), id};
        }
    }

    std::vector<Slot> slots_;  // a power of two of them, at most half in use
    std::vector<std::string_view> words_;
};

}  // namespace kaygraph::models::detail
