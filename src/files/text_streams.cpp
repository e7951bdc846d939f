#include "files/text_streams.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

namespace kaygraph::detail {

struct TextStreams::Cursor {
    Cursor(const TextInput& of, std::uint32_t index, std::shared_ptr<File> file)
        : input(index),
          bytes(decompressed(std::move(file), of.bytes, of.compression)),
          reader(bytes, of.format, index) {}

    std::uint32_t input;
    std::uint64_t used = 0;             // under the mutex of all
    std::atomic<std::uint64_t> row{0};  // the next; written under `busy`

    std::mutex busy;  // of what follows
    bool is_broken = false;
    StreamBytes bytes;
    TextReader reader;
    std::uint64_t mean_bytes = 128;  // of a text
};

/// Texts that were decompressed on the way to others.
struct TextStreams::Parked {
    std::uint32_t input = 0;
    std::uint64_t first = 0;
    std::size_t n_taken = 0;  // under the mutex of all
    std::size_t bytes = 0;
    std::vector<TextRecord> items;
    TextStorage storage;
};

void raise_changed(const TextInput& input, std::uint64_t offset) {
    throw FormatError(
        ErrorCode::malformed,
        "the file changed while it was read: expected the texts that were counted, found others",
        {.file = input.path, .offset = static_cast<std::int64_t>(offset)}
    );
}

void TextStreams::read(
    std::uint32_t input,
    std::uint64_t n_texts,
    std::uint64_t first,
    std::size_t count,
    std::vector<TextRecord>& items,
    TextStorage& storage
) {
    while (count != 0) {
        const std::size_t n = take_parked(input, first, count, items, storage);
        first += n;
        count -= n;
        if (count == 0) {
            return;
        }
        const std::shared_ptr<Cursor> cursor = cursor_before(input, first);
        const std::lock_guard lock{cursor->busy};
        if (cursor->is_broken || cursor->row > first) {
            continue;  // another thread moved it while this one waited
        }
        try {
            advance(*cursor, n_texts, first, count, items, storage);
        } catch (...) {
            cursor->is_broken = true;
            forget(cursor);
            throw;
        }
        if (cursor->row == n_texts) {
            forget(cursor);
        }
        return;
    }
}

std::shared_ptr<TextStreams::Cursor> TextStreams::cursor_before(
    std::uint32_t input,
    std::uint64_t row
) {
    const std::lock_guard lock{mutex_};
    std::shared_ptr<Cursor> best;
    for (const std::shared_ptr<Cursor>& cursor : cursors_) {
        const bool serves = cursor->input == input && cursor->row <= row;
        if (serves && (best == nullptr || cursor->row > best->row)) {
            best = cursor;
        }
    }
    if (best == nullptr) {
        best = std::make_shared<Cursor>((*inputs_)[input], input, files_->get(input));
        if (cursors_.size() >= most_cursors_) {
            cursors_.erase(std::min_element(
                cursors_.begin(),
                cursors_.end(),
                [](const auto& a, const auto& b) { return a->used < b->used; }
            ));
        }
        cursors_.push_back(best);
    }
    best->used = ++clock_;
    return best;
}

void TextStreams::forget(const std::shared_ptr<Cursor>& cursor) {
    const std::lock_guard lock{mutex_};
    cursors_.erase(std::remove(cursors_.begin(), cursors_.end(), cursor), cursors_.end());
}

void TextStreams::advance(
    Cursor& cursor,
    std::uint64_t n_texts,
    std::uint64_t first,
    std::size_t count,
    std::vector<TextRecord>& items,
    TextStorage& storage
) {
    const std::uint64_t gap = first - cursor.row;
    if (gap / gap_blocks > count) {
        const std::uint64_t n = cursor.reader.skip(
            gap, std::numeric_limits<std::uint64_t>::max(), storage.grow(skip_bytes, 0)
        );
        cursor.row += n;
        if (n != gap) {
            raise_changed((*inputs_)[cursor.input], cursor.reader.offset());
        }
    }
    while (cursor.row < first) {
        park(cursor, static_cast<std::size_t>(std::min<std::uint64_t>(count, first - cursor.row)));
    }
    take(cursor, count, items, storage);
    cursor.row += count;
    const bool is_at_end = cursor.row == n_texts;
    if (is_at_end
        && cursor.reader.skip(
               1, std::numeric_limits<std::uint64_t>::max(), storage.grow(skip_bytes, 0)
           ) != 0) {
        raise_changed((*inputs_)[cursor.input], cursor.reader.offset());
    }
}

void TextStreams::take(
    Cursor& cursor,
    std::size_t count,
    std::vector<TextRecord>& items,
    TextStorage& storage
) {
    const std::uint64_t begin = cursor.reader.offset();
    const std::size_t n = cursor.reader.take(count, cursor.mean_bytes * count, items, storage);
    if (n != count) {
        raise_changed((*inputs_)[cursor.input], cursor.reader.offset());
    }
    cursor.mean_bytes = (cursor.reader.offset() - begin) / n + 1;
}

void TextStreams::park(Cursor& cursor, std::size_t count) {
    auto parked = std::make_shared<Parked>();
    parked->input = cursor.input;
    parked->first = cursor.row;
    parked->items.reserve(count);
    take(cursor, count, parked->items, parked->storage);
    parked->bytes = parked->storage.capacity();
    {
        const std::lock_guard lock{mutex_};
        parked_bytes_ += parked->bytes;
        parked_.push_back(std::move(parked));
        while (parked_.size() > most_parked_ || parked_bytes_ > most_parked_bytes) {
            drop_parked(parked_.begin());
        }
    }
    cursor.row += count;  // last: who sees it finds what is parked
}

std::size_t TextStreams::take_parked(
    std::uint32_t input,
    std::uint64_t first,
    std::size_t count,
    std::vector<TextRecord>& items,
    TextStorage& storage
) {
    std::shared_ptr<Parked> parked;
    std::size_t from = 0;
    std::size_t n = 0;
    {
        const std::lock_guard lock{mutex_};
        const auto found = std::find_if(parked_.begin(), parked_.end(), [&](const auto& block) {
            return block->input == input && block->first <= first
                   && first - block->first < block->items.size();
        });
        if (found == parked_.end()) {
            return 0;
        }
        parked = *found;
        from = static_cast<std::size_t>(first - parked->first);
        n = std::min(count, parked->items.size() - from);
        parked->n_taken += n;
        if (parked->n_taken >= parked->items.size()) {
            drop_parked(found);
        }
    }
    for (std::size_t i = from; i < from + n; ++i) {
        TextRecord record = parked->items[i];
        const std::span<char> room = storage.grow(record.bytes.size(), 0);
        std::copy(record.bytes.begin(), record.bytes.end(), room.begin());
        storage.use(record.bytes.size());
        record.bytes = {room.data(), record.bytes.size()};
        items.push_back(record);
    }
    return n;
}

void TextStreams::drop_parked(ParkedList::iterator parked) {
    parked_bytes_ -= (*parked)->bytes;
    parked_.erase(parked);
}

}  // namespace kaygraph::detail
