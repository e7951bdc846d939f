#include <kaygraph/base/check.hpp>
#include <kaygraph/files/text_source.hpp>

#include <algorithm>
#include <utility>

namespace kaygraph {

std::span<char> TextStorage::grow(std::size_t least, std::size_t keep) {
    KAYGRAPH_ASSERT_HOT(keep <= used_, "what is kept is in use");
    const bool has_chunk = chunk_ < chunks_.size();
    if (has_chunk && chunks_[chunk_].capacity - used_ >= least) {
        return {chunks_[chunk_].bytes.get() + used_, chunks_[chunk_].capacity - used_};
    }
    // a chunk with nothing else is replaced: a long line leaves no trail of ever larger chunks
    const bool is_replaced = !has_chunk || used_ == keep;
    const std::size_t next = is_replaced ? chunk_ : chunk_ + 1;
    Chunk old;
    if (next == chunks_.size()) {
        chunks_.emplace_back();
    }
    if (is_replaced || chunks_[next].capacity < keep + least) {
        constexpr std::size_t grain = std::size_t{64} << 10U;
        const std::size_t capacity = (2 * keep + least + grain - 1) / grain * grain;
        old = std::exchange(
            chunks_[next], Chunk{std::make_unique_for_overwrite<char[]>(capacity), capacity}
        );
    }
    const Chunk& from = is_replaced ? old : chunks_[chunk_];
    if (keep != 0) {
        std::copy_n(from.bytes.get() + (used_ - keep), keep, chunks_[next].bytes.get());
    }
    chunk_ = next;
    used_ = keep;
    return {chunks_[chunk_].bytes.get() + used_, chunks_[chunk_].capacity - used_};
}

const char* TextStorage::end() const noexcept {
    return chunk_ < chunks_.size() ? chunks_[chunk_].bytes.get() + used_ : nullptr;
}

std::size_t TextStorage::capacity() const noexcept {
    std::size_t bytes = 0;
    for (const Chunk& chunk : chunks_) {
        bytes += chunk.capacity;
    }
    return bytes;
}

}  // namespace kaygraph
