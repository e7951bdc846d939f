#include "models/word_row_cache.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace kaygraph::models::detail {
namespace {

std::size_t slots_for(std::size_t capacity) {
    std::size_t n = 16;
    while (n < 2 * capacity) {
        n *= 2;
    }
    return n;
}

}  // namespace

LazyMemory::LazyMemory(std::size_t bytes)
    : data_(nullptr), bytes_(std::max<std::size_t>(bytes, 1)) {
    void* map = ::mmap(
        nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0
    );
    if (map == MAP_FAILED) {
        throw std::bad_alloc{};
    }
    data_ = static_cast<std::byte*>(map);
}

LazyMemory::~LazyMemory() {
    ::munmap(data_, bytes_);
}

WordRowCache::WordRowCache(std::size_t cols, std::size_t bytes)
    : cols_(cols),
      capacity_(std::max<std::size_t>(bytes / (cols * sizeof(float)), 1)),
      mask_(slots_for(capacity_) - 1),
      // a vector load at the end of the last row may reach beyond it
      rows_(capacity_ * cols * sizeof(float) + 64),
      notes_(capacity_ * sizeof(std::uint64_t)),
      long_words_(capacity_ * sizeof(LongWord)),
      slot_memory_((mask_ + 1) * sizeof(Slot)),
      slots_(reinterpret_cast<Slot*>(slot_memory_.data())) {}

std::uint32_t WordRowCache::insert(
    std::string_view word,
    std::span<const float> row,
    std::uint64_t note
) {
    if (word.size() > longest_kept) {
        return none;
    }
    const std::lock_guard lock{mutex_};
    const std::uint32_t there = find(word);
    if (there != none || size_ == capacity_) {
        return there;
    }
    const std::uint32_t id = size_++;
    std::copy(row.begin(), row.end(), reinterpret_cast<float*>(rows_.data()) + id * cols_);
    reinterpret_cast<std::uint64_t*>(notes_.data())[id] = note;
    if (word.size() > longest_short) {
        bytes_of_long_words_.push_back(std::make_unique_for_overwrite<char[]>(word.size()));
        char* bytes = bytes_of_long_words_.back().get();
        std::copy(word.begin(), word.end(), bytes);
        reinterpret_cast<LongWord*>(long_words_.data())[id] = {bytes, word.size()};
    }
    const Key key = key_of(word);
    std::size_t at = place_of(key);
    while (slots_[at].id_and_one != 0) {
        at = (at + 1) & mask_;
    }
    slots_[at].low = key.low;
    slots_[at].high = key.high;
    std::atomic_ref<std::uint32_t>(slots_[at].id_and_one).store(id + 1, std::memory_order_release);
    return id;
}

}  // namespace kaygraph::models::detail
