#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/text_source.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// A text that is larger than memory, in blocks of whole lines.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Lines that follow each other.
struct LineBlock {
    std::size_t first_line = 0;  ///< number of the first, counted from 0
    std::span<const std::string_view>
        lines;  ///< without their ends; valid as long as the block's storage
};

struct LineBlocksOptions {
    std::size_t block_lines = 1000;  ///< lines of a block; the last one may have fewer
};

/// The lines of files in blocks: a range to read in order, or the items of a batch.
///
///     for (const kg::LineBlock& block : kg::LineBlocks{"corpus.txt"}) { ... }
///
///     struct Count : kg::ParallelBatchNode {
///         auto prep(const kg::Store& shared) const { return kg::LineBlocks{shared.get<std::string>("path")}; }
///         std::size_t exec(const kg::LineBlock& block) const;
///     };
///
/// A block is read when somebody asks for it, so readers are never ahead of those who work, and memory holds a block a
/// thread. Files are read as those of `TextSource` are: lines end with \n or \r\n, .gz and .zst are decompressed.
/// @par MPI Local; a batch spreads its blocks over ranks, each of which opens the files.
/// @par Threads read(): any thread, at once; an iterator: one.
class KAYGRAPH_EXPORT LineBlocks {
public:
    using Item = LineBlock;
    /// What the lines of blocks point into.
    struct Storage {
        TextStorage bytes = {};
        std::vector<TextRecord> records = {};
        std::vector<std::string_view> lines = {};
    };

    /// Lists the files and counts their lines: one pass over them.
    /// @throws ArgumentError for blocks without lines; IoError, FormatError as `count_texts` does.
    explicit LineBlocks(
        const std::string& path,
        LineBlocksOptions options = {},
        FileSystem& files = posix_files()
    );
    explicit LineBlocks(
        std::span<const std::string> paths,
        LineBlocksOptions options = {},
        FileSystem& files = posix_files()
    );

    [[nodiscard]] std::size_t lines() const noexcept { return source_.size(); }
    /// Returns the number of blocks: none without lines.
    [[nodiscard]] std::size_t size() const noexcept {
        return lines() / block_lines_ + (lines() % block_lines_ != 0 ? 1 : 0);
    }

    /// Leaves the blocks [first, first + count) in `items`; their lines point into `storage`, until its next use.
    /// @throws IoError and FormatError for files that have changed, FormatError for a line over `max_text_bytes`.
    void read(std::size_t first, std::size_t count, std::vector<LineBlock>& items, Storage& storage)
        const;

    /// Reads block after block; a block is valid until the next one is read.
    class Iterator {
    public:
        using value_type = LineBlock;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        explicit Iterator(const LineBlocks& blocks)
            : blocks_(&blocks), storage_(std::make_shared<Storage>()) {
            turn();
        }

        const LineBlock& operator*() const { return items_.front(); }
        const LineBlock* operator->() const { return &items_.front(); }
        Iterator& operator++() {
            ++index_;
            turn();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& at, std::default_sentinel_t /*end*/) {
            return at.items_.empty();
        }

    private:
        void turn() {
            items_.clear();
            if (index_ < blocks_->size()) {
                blocks_->read(index_, 1, items_, *storage_);
            }
        }

        const LineBlocks* blocks_ = nullptr;
        std::size_t index_ = 0;
        std::shared_ptr<Storage> storage_ = {};  // its place stays when the iterator moves
        std::vector<LineBlock> items_ = {};
    };
    [[nodiscard]] Iterator begin() const { return Iterator{*this}; }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

private:
    std::size_t block_lines_;
    TextSource source_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
