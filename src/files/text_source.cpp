#include "files/open_files.hpp"
#include "files/stream_readers.hpp"
#include "files/text_lines.hpp"
#include "files/text_pieces.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/files/text_source.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace kaygraph {

struct TextSource::State {
    std::vector<TextInput> inputs;
    std::vector<TextPiece> pieces;
    std::vector<std::uint64_t> first_texts;  // of each piece, and of all at the end
    FileSystem& files;
    detail::OpenFiles open;
    detail::StreamReaders streams;
};

char* TextStorage::reserve(std::size_t bytes) {
    if (capacity_ - size_ < bytes) {
        const std::size_t capacity = std::max(size_ + bytes, 2 * capacity_);
        auto larger = std::make_unique_for_overwrite<char[]>(capacity);
        if (size_ != 0) {
            std::memcpy(larger.get(), bytes_.get(), size_);
        }
        bytes_ = std::move(larger);
        capacity_ = capacity;
    }
    return bytes_.get() + size_;
}

/// Reads parts of a block into its storage.
struct TextSourceAccess {
    TextSource::State& state;
    TextStorage& storage;

    void add(
        std::size_t first,
        std::size_t bytes,
        std::uint64_t offset,
        std::uint32_t input,
        bool is_too_long
    ) {
        storage.spans_.push_back({first, bytes, offset, input, is_too_long});
    }

    /// Copies a text behind what is there.
    void append(const detail::StreamLine& line, std::uint32_t input) {
        char* room = storage.reserve(line.bytes.size());
        std::memcpy(room, line.bytes.data(), line.bytes.size());
        add(storage.size_, line.bytes.size(), line.offset, input, line.is_too_long);
        storage.size_ += line.bytes.size();
    }

    /// Adds texts [skipped, skipped + count) of a piece.
    void read_piece(
        const TextPiece& piece,
        std::size_t skipped,
        std::size_t count,
        std::size_t step
    ) {
        const TextInput& input = state.inputs[piece.input];
        if (input.format == TextFormat::whole) {
            detail::LineStream stream{detail::open_stream(input, state.files), input.format};
            append(stream.whole(), piece.input);
        } else if (input.compression != Compression::none) {
            state.streams.read(
                piece.input,
                input,
                skipped,
                count,
                step,
                [&](const detail::StreamLine& line) { append(line, piece.input); }
            );
        } else {
            read_plain(piece, input, skipped, count);
        }
    }

    void read_plain(
        const TextPiece& piece,
        const TextInput& input,
        std::size_t skipped,
        std::size_t count
    ) {
        const std::shared_ptr<File> file = state.open.get(piece.input, input);
        detail::PieceText text{*file, piece, input.bytes};
        const std::size_t base = storage.size_;
        text.load(storage.reserve(text.bytes_at_first()));
        storage.size_ += text.bytes_at_first();
        const std::size_t last = skipped + count;
        for (std::size_t i = 0; i < last;) {
            const std::optional<detail::PieceLine> line = text.next();
            if (!line) {
                throw FormatError(
                    ErrorCode::malformed,
                    "the file has changed while it was read: expected " + std::to_string(last)
                        + " texts in a part of it, found " + std::to_string(i),
                    {.file = input.path, .offset = static_cast<std::int64_t>(piece.offset)}
                );
            }
            if (!detail::is_text_of_piece(text, *line, input.format, *file)) {
                continue;
            }
            if (i++ >= skipped) {
                add_line(text, *line, base, piece.input, *file);
            }
        }
    }

    void add_line(
        const detail::PieceText& text,
        const detail::PieceLine& line,
        std::size_t base,
        std::uint32_t input,
        File& file
    ) {
        if (!line.goes_on) {
            const bool is_too_long = line.bytes > detail::longest_text;
            add(base + line.first, is_too_long ? 1024 : line.bytes, line.offset, input, is_too_long
            );
            return;
        }
        // its bytes in the piece are the last ones: what follows goes behind them
        KAYGRAPH_ASSERT_HOT(base + line.first + line.bytes == storage.size_, "the last line");
        std::size_t bytes = line.bytes;
        std::uint64_t at = text.end();
        for (std::size_t step = 4096; at < text.file_bytes() && bytes <= detail::longest_text;
             step *= 2) {
            const std::size_t most =
                static_cast<std::size_t>(std::min<std::uint64_t>(step, text.file_bytes() - at));
            char* room = storage.reserve(most);
            const std::size_t n = file.read_at(at, std::as_writable_bytes(std::span{room, most}));
            const void* end = std::memchr(room, '\n', n);
            const std::size_t own =
                end == nullptr ? n : static_cast<std::size_t>(static_cast<const char*>(end) - room);
            storage.size_ += own;
            bytes += own;
            at += n;
            if (end != nullptr) {
                const char* first = storage.bytes_.get() + base + line.first;
                bytes = detail::without_return({first, bytes}).size();
                break;
            }
            if (n == 0) {
                break;
            }
        }
        const bool is_too_long = bytes > detail::longest_text;
        add(base + line.first, is_too_long ? 1024 : bytes, line.offset, input, is_too_long);
    }

    /// The storage grows no more: records may point into it.
    void give(std::vector<TextRecord>& items) const {
        items.clear();
        for (const TextStorage::Span& span : storage.spans_) {
            items.push_back(
                {{storage.bytes_.get() + span.first, span.bytes},
                 span.offset,
                 span.input,
                 span.is_too_long}
            );
        }
    }
};

TextSource::TextSource(
    std::vector<TextInput> inputs,
    std::vector<TextPiece> pieces,
    std::vector<std::uint64_t> counts,
    FileSystem& files,
    std::size_t n_readers
) {
    KAYGRAPH_ASSERT(pieces.size() == counts.size(), "every piece was counted");
    constexpr std::size_t most_open = 64;
    std::vector<std::uint64_t> first_texts{0};
    for (const std::uint64_t count : counts) {
        first_texts.push_back(first_texts.back() + count);
    }
    state_ = std::shared_ptr<State>(new State{
        std::move(inputs),
        std::move(pieces),
        std::move(first_texts),
        files,
        {files, most_open},
        {files, n_readers + 2}});
}

std::size_t TextSource::size() const noexcept {
    return static_cast<std::size_t>(state_->first_texts.back());
}

const TextInput& TextSource::input(std::uint32_t index) const {
    return state_->inputs[index];
}

void TextSource::read(
    std::size_t first,
    std::size_t count,
    std::vector<TextRecord>& items,
    TextStorage& storage
) const {
    const std::vector<std::uint64_t>& firsts = state_->first_texts;
    storage.clear();
    TextSourceAccess access{*state_, storage};
    const std::size_t last = first + count;
    auto piece = static_cast<std::size_t>(
        std::upper_bound(firsts.begin(), firsts.end(), first) - firsts.begin() - 1
    );
    for (std::size_t next = first; next < last; ++piece) {
        const std::size_t here = std::min<std::size_t>(last, firsts[piece + 1]) - next;
        if (here != 0) {
            access.read_piece(state_->pieces[piece], next - firsts[piece], here, count);
            next += here;
        }
    }
    access.give(items);
}

}  // namespace kaygraph
