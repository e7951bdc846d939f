#include "models/word_row_cache.hpp"

#include <algorithm>

namespace kaygraph::models::detail {
namespace {

constexpr std::size_t first_slots = 4096;

}  // namespace

WordRowCache::Table::Table(std::size_t n_slots)
    : memory(n_slots * sizeof(Slot)),
      slots(reinterpret_cast<Slot*>(memory.data())),
      mask(n_slots - 1) {}

/// Puts a slot into a free place; its number is written last, for readers see a slot by it.
void WordRowCache::Table::put(const Slot& slot) noexcept {
    std::size_t at = WordKey::place_of(slot.low, slot.high) & mask;
    while (slots[at].row_and_one != 0) {
        at = (at + 1) & mask;
    }
    slots[at].low = slot.low;
    slots[at].high = slot.high;
    std::atomic_ref<std::uint32_t>(slots[at].row_and_one)
        .store(slot.row_and_one, std::memory_order_release);
}

WordRowCache::WordRowCache(std::size_t cols, std::size_t bytes)
    : cols_(cols),
      capacity_(std::clamp<std::size_t>(bytes / (cols * sizeof(float)), 1, no_row - 1)),
      rows_(capacity_ * cols * sizeof(float)),
      long_words_(capacity_ * sizeof(LongWord)) {
    tables_.push_back(std::make_unique<Table>(first_slots));
    table_.store(tables_.back().get(), std::memory_order_release);
}

std::uint32_t WordRowCache::insert(std::string_view word, std::span<const float> row) {
    const bool is_long = word.size() > WordKey::longest_short;
    if (word.size() > longest_kept || (is_long && row.empty())) {
        return row.empty() ? no_row : not_here;
    }
    const Key key{word};
    const std::lock_guard lock{mutex_};
    const std::uint32_t there = find(key);
    if (there != not_here || n_words_ == 2 * capacity_ || (!row.empty() && n_rows_ == capacity_)) {
        return there;
    }
    Table* table = tables_.back().get();
    if (2 * (n_words_ + 1) > table->mask) {
        tables_.push_back(std::make_unique<Table>(4 * (table->mask + 1)));
        for (std::size_t at = 0; at <= table->mask; ++at) {
            if (table->slots[at].row_and_one != 0) {
                tables_.back()->put(table->slots[at]);
            }
        }
        table = tables_.back().get();
        table_.store(table, std::memory_order_release);
    }
    std::uint32_t value = no_row;
    if (!row.empty()) {
        value = n_rows_++;
        std::copy(row.begin(), row.end(), reinterpret_cast<float*>(rows_.data()) + value * cols_);
        if (is_long) {
            bytes_of_long_words_.push_back(std::make_unique_for_overwrite<char[]>(word.size()));
            char* bytes = bytes_of_long_words_.back().get();
            std::copy(word.begin(), word.end(), bytes);
            reinterpret_cast<LongWord*>(long_words_.data())[value] = {bytes, word.size()};
        }
    }
    ++n_words_;
    table->put({key.low, key.high, value + 1});
    return value;
}

}  // namespace kaygraph::models::detail
