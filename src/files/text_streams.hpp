#pragma once

#include "files/open_files.hpp"
#include "files/text_reader.hpp"

#include <kaygraph/files/text_source.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace kaygraph::detail {

/// Texts of compressed files by their row in the file. A cursor is a decompressor that stands before a row;
/// it moves forward only. Threads take blocks nearly in order: rows that a cursor passes on the way to
/// a block that is asked for early are parked for the thread that asks for them next. Rows that are neither
/// parked nor before a cursor cost a new cursor from the start of the file.
/// @par Threads Any thread; a cursor works for one at a time.
class TextStreams {
public:
    /// `inputs` and `files` must outlive it.
    TextStreams(const std::vector<TextInput>& inputs, OpenFiles& files, std::size_t n_readers)
        : inputs_(&inputs),
          files_(&files),
          most_cursors_(n_readers + 2),
          most_parked_(8 * (n_readers + 1)) {}

    /// Appends the texts [first, first + count) of a file that has `n_texts`.
    void read(
        std::uint32_t input,
        std::uint64_t n_texts,
        std::uint64_t first,
        std::size_t count,
        std::vector<TextRecord>& items,
        TextStorage& storage
    );

private:
    struct Cursor;
    struct Parked;
    using ParkedList = std::list<std::shared_ptr<Parked>>;

    std::shared_ptr<Cursor> cursor_before(std::uint32_t input, std::uint64_t row);
    void forget(const std::shared_ptr<Cursor>& cursor);
    void advance(
        Cursor& cursor,
        std::uint64_t n_texts,
        std::uint64_t first,
        std::size_t count,
        std::vector<TextRecord>& items,
        TextStorage& storage
    );
    void take(
        Cursor& cursor,
        std::size_t count,
        std::vector<TextRecord>& items,
        TextStorage& storage
    );
    void park(Cursor& cursor, std::size_t count);
    std::size_t take_parked(
        std::uint32_t input,
        std::uint64_t first,
        std::size_t count,
        std::vector<TextRecord>& items,
        TextStorage& storage
    );
    void drop_parked(ParkedList::iterator parked);

    static constexpr std::size_t gap_blocks = 8;  // a wider gap is passed without parking
    static constexpr std::size_t most_parked_bytes = std::size_t{64} << 20U;

    const std::vector<TextInput>* inputs_;
    OpenFiles* files_;
    std::size_t most_cursors_;
    std::size_t most_parked_;

    std::mutex mutex_;  // of what follows
    std::uint64_t clock_ = 0;
    std::vector<std::shared_ptr<Cursor>> cursors_;
    ParkedList parked_;  // the oldest first
    std::size_t parked_bytes_ = 0;
};

/// Throws the error of a file that has not the texts that were counted in it.
[[noreturn]] void raise_changed(const TextInput& input, std::uint64_t offset);

}  // namespace kaygraph::detail
