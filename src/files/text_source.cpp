#include "files/known_content.hpp"
#include "files/open_files.hpp"
#include "files/text_reader.hpp"
#include "files/text_streams.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/text_source.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kaygraph {
namespace {

constexpr std::uint64_t mark_bytes = 3;  // of a UTF-8 byte order mark
constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

bool is_one_piece(const TextInput& input) {
    return input.compression != Compression::none || input.format == TextFormat::whole;
}

void check_piece(const TextInput& input, const TextPiece& piece) {
    std::uint64_t end = 0;
    const bool is_inside =
        !__builtin_add_overflow(piece.offset, piece.bytes, &end) && end <= input.bytes;
    const bool is_right =
        is_one_piece(input) ? piece.offset == 0 && end == input.bytes
                            : piece.bytes != 0 && (piece.offset == 0 || piece.offset > mark_bytes);
    if (!is_inside || !is_right) {
        throw ArgumentError(
            "expected a piece of the file as cut_texts() makes it", {.file = input.path}
        );
    }
}

/// Returns where reading begins so as to find the first line that begins in a piece: before it, to see
/// the end of the line before.
std::uint64_t start_of(const TextPiece& piece) noexcept {
    return piece.offset == 0 ? 0 : piece.offset - 1;
}

/// Takes a reader from the start of a piece to one of its texts. False where it has not so many.
bool go_to_text(
    detail::TextReader& reader,
    const TextPiece& piece,
    std::uint64_t index,
    TextStorage& storage
) {
    const std::uint64_t end = piece.offset + piece.bytes;
    if (piece.offset != 0 && !reader.skip_rest_of_line(end)) {
        return false;
    }
    return index == 0 || reader.skip(index, end, storage.grow(detail::skip_bytes, 0)) == index;
}

/// Counts the lines that begin in a piece of a plain file: one for each \n before them, and the first.
std::uint64_t count_lines(File& file, const TextInput& input, const TextPiece& piece) {
    const std::size_t buffer_bytes = std::size_t{64} << 10U;
    const auto buffer = std::make_unique_for_overwrite<char[]>(buffer_bytes);
    const std::uint64_t end = piece.offset + piece.bytes - 1;
    std::uint64_t at = start_of(piece);
    std::uint64_t n = piece.offset == 0 ? 1 : 0;
    if (piece.offset == 0 && input.bytes == mark_bytes) {
        std::array<char, mark_bytes> mark{};
        detail::read_listed(file, input.bytes, 0, std::as_writable_bytes(std::span{mark}));
        n = std::string_view{mark.data(), mark.size()} == "\xef\xbb\xbf" ? 0 : 1;
    }
    while (at < end) {
        const std::span<char> bytes{
            buffer.get(),
            static_cast<std::size_t>(std::min<std::uint64_t>(buffer_bytes, end - at))};
        detail::read_listed(file, input.bytes, at, std::as_writable_bytes(bytes));
        n += detail::count_newlines(bytes);
        at += bytes.size();
    }
    return n;
}

/// Where reads ended: most go on there.
class Places {
public:
    Places() { places_.fill({no_limit, 0}); }

    std::optional<std::uint64_t> find(std::uint64_t row) {
        const std::lock_guard lock{mutex_};
        const auto place = std::find_if(places_.begin(), places_.end(), [&](const auto& known) {
            return known.first == row;
        });
        if (place == places_.end()) {
            return {};
        }
        return place->second;
    }
    void add(std::uint64_t row, std::uint64_t offset) {
        const std::lock_guard lock{mutex_};
        places_[next_] = {row, offset};
        next_ = (next_ + 1) % places_.size();
    }

private:
    std::mutex mutex_;
    std::array<std::pair<std::uint64_t, std::uint64_t>, 64> places_;
    std::size_t next_ = 0;
};

}  // namespace

std::vector<TextPiece> cut_texts(std::span<const TextInput> inputs, std::uint64_t piece_bytes) {
    if (inputs.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw ArgumentError("more files than 32 bits can count");
    }
    piece_bytes = std::max(piece_bytes, mark_bytes + 1);
    std::vector<TextPiece> pieces;
    for (std::uint32_t i = 0; i < inputs.size(); ++i) {
        const std::uint64_t bytes = inputs[i].bytes;
        if (is_one_piece(inputs[i])) {
            pieces.push_back({i, 0, bytes});
            continue;
        }
        for (std::uint64_t offset = 0; offset < bytes;) {
            const std::uint64_t n = std::min(piece_bytes, bytes - offset);
            pieces.push_back({i, offset, n});
            offset += n;
        }
    }
    return pieces;
}

std::uint64_t count_texts(
    std::span<const TextInput> inputs,
    const TextPiece& piece,
    FileSystem& files
) {
    if (piece.input >= inputs.size()) {
        throw ArgumentError("the piece belongs to a file that is not there");
    }
    const TextInput& input = inputs[piece.input];
    check_piece(input, piece);
    const std::shared_ptr<File> file = detail::open_listed(input, files);
    if (input.format == TextFormat::whole) {
        return 1;
    }
    if (piece.offset == 0) {
        std::array<char, detail::telling_bytes> start;
        const std::size_t n = detail::text_bytes(file, input)->read(start);
        detail::require_texts(
            {start.data(), n}, input.compression != Compression::none, input.path
        );
    }
    if (input.format == TextFormat::lines && input.compression == Compression::none) {
        return count_lines(*file, input, piece);
    }
    const auto buffer = std::make_unique_for_overwrite<char[]>(detail::skip_bytes);
    const std::span<char> scratch{buffer.get(), detail::skip_bytes};
    if (input.compression != Compression::none) {
        detail::StreamBytes bytes{detail::decompressed(file, input.bytes, input.compression)};
        detail::TextReader reader{bytes, input.format, piece.input};
        return reader.skip(no_limit, no_limit, scratch);
    }
    detail::PlainBytes bytes{*file, input.bytes, start_of(piece)};
    detail::TextReader reader{bytes, input.format, piece.input};
    const std::uint64_t end = piece.offset + piece.bytes;
    if (piece.offset != 0 && !reader.skip_rest_of_line(end)) {
        return 0;
    }
    return reader.skip(no_limit, end, scratch);
}

class TextSource::State {
public:
    State(
        std::vector<TextInput> inputs,
        std::vector<TextPiece> pieces,
        std::span<const std::uint64_t> counts,
        FileSystem& files,
        std::size_t n_readers
    );

    void read(
        std::uint64_t first,
        std::size_t count,
        std::vector<TextRecord>& items,
        TextStorage& storage
    );

    [[nodiscard]] std::uint64_t size() const noexcept { return ends_.empty() ? 0 : ends_.back(); }
    [[nodiscard]] const std::vector<TextInput>& inputs() const noexcept { return inputs_; }

private:
    [[nodiscard]] std::uint64_t begin_of(std::size_t piece) const noexcept {
        return piece == 0 ? 0 : ends_[piece - 1];
    }
    [[nodiscard]] std::size_t past_last_piece(std::uint32_t input) const noexcept;
    [[nodiscard]] std::uint64_t bytes_expected(
        std::size_t piece,
        std::uint64_t first,
        std::size_t count
    ) const noexcept;
    void read_plain(
        std::size_t piece,
        std::uint64_t first,
        std::size_t count,
        std::vector<TextRecord>& items,
        TextStorage& storage
    );
    void check_places(std::size_t piece, std::uint64_t first, std::span<const TextRecord> items)
        const;

    std::vector<TextInput> inputs_;
    std::vector<TextPiece> pieces_;
    std::vector<std::uint64_t> ends_;  // rows before the end of each piece
    detail::OpenFiles files_;
    detail::TextStreams streams_;
    Places places_;
};

TextSource::State::State(
    std::vector<TextInput> inputs,
    std::vector<TextPiece> pieces,
    std::span<const std::uint64_t> counts,
    FileSystem& files,
    std::size_t n_readers
)
    : inputs_(std::move(inputs)),
      pieces_(std::move(pieces)),
      files_(inputs_, files),
      streams_(inputs_, files_, n_readers) {
    if (counts.size() != pieces_.size()) {
        throw ArgumentError(
            "expected a count for each of " + std::to_string(pieces_.size()) + " pieces, found "
            + std::to_string(counts.size())
        );
    }
    std::uint64_t n = 0;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        const TextPiece& piece = pieces_[i];
        if (piece.input >= inputs_.size()) {
            throw ArgumentError("a piece belongs to a file that is not there");
        }
        check_piece(inputs_[piece.input], piece);
        const bool follows = i != 0 && pieces_[i - 1].input == piece.input;
        const bool is_in_order = i == 0 || pieces_[i - 1].input <= piece.input;
        const std::uint64_t begin = follows ? pieces_[i - 1].offset + pieces_[i - 1].bytes : 0;
        const bool is_possible = counts[i] <= std::max<std::uint64_t>(piece.bytes, 1)
                                 || inputs_[piece.input].compression != Compression::none;
        if (!is_in_order || piece.offset != begin || !is_possible
            || __builtin_add_overflow(n, counts[i], &n)) {
            throw ArgumentError("the pieces of a file and their counts do not fit together");
        }
        ends_.push_back(n);
    }
}

void TextSource::State::read(
    std::uint64_t first,
    std::size_t count,
    std::vector<TextRecord>& items,
    TextStorage& storage
) {
    items.clear();
    storage.clear();
    if (first > size() || count > size() - first) {
        throw ArgumentError(
            "texts " + std::to_string(first) + " to " + std::to_string(first + count)
            + " of a source of " + std::to_string(size())
        );
    }
    items.reserve(count);
    while (count != 0) {
        const auto piece = static_cast<std::size_t>(
            std::upper_bound(ends_.begin(), ends_.end(), first) - ends_.begin()
        );
        const std::uint32_t index = pieces_[piece].input;
        const std::size_t past_last = past_last_piece(index);
        const std::uint64_t end = std::min(first + count, ends_[past_last - 1]);
        const auto n = static_cast<std::size_t>(end - first);
        if (inputs_[index].compression == Compression::none) {
            read_plain(piece, first, n, items, storage);
        } else {
            const std::uint64_t begin = begin_of(piece);
            streams_.read(index, ends_[piece] - begin, first - begin, n, items, storage);
        }
        first += n;
        count -= n;
    }
}

std::size_t TextSource::State::past_last_piece(std::uint32_t input) const noexcept {
    const auto past = std::upper_bound(
        pieces_.begin(),
        pieces_.end(),
        input,
        [](std::uint32_t index, const TextPiece& piece) { return index < piece.input; }
    );
    return static_cast<std::size_t>(past - pieces_.begin());
}

std::uint64_t TextSource::State::bytes_expected(
    std::size_t piece,
    std::uint64_t first,
    std::size_t count
) const noexcept {
    std::uint64_t bytes = 0;
    for (std::uint64_t left = count; left != 0 && piece < pieces_.size(); ++piece) {
        const std::uint64_t n = std::min(left, ends_[piece] - first);
        if (n != 0) {
            const std::uint64_t n_all = ends_[piece] - begin_of(piece);
            bytes += n == n_all ? pieces_[piece].bytes : (pieces_[piece].bytes / n_all + 1) * n;
        }
        left -= n;
        first += n;
    }
    return bytes + bytes / 8 + 1024;
}

void TextSource::State::read_plain(
    std::size_t piece,
    std::uint64_t first,
    std::size_t count,
    std::vector<TextRecord>& items,
    TextStorage& storage
) {
    const std::uint32_t index = pieces_[piece].input;
    const TextInput& input = inputs_[index];
    const std::shared_ptr<File> file = files_.get(index);
    const std::optional<std::uint64_t> place = places_.find(first);
    detail::PlainBytes bytes{*file, input.bytes, place.value_or(start_of(pieces_[piece]))};
    detail::TextReader reader{bytes, input.format, index};
    if (!place && !go_to_text(reader, pieces_[piece], first - begin_of(piece), storage)) {
        detail::raise_changed(input, reader.offset());
    }
    const std::size_t before = items.size();
    if (reader.take(count, bytes_expected(piece, first, count), items, storage) != count) {
        detail::raise_changed(input, reader.offset());
    }
    check_places(piece, first, std::span{items}.subspan(before));
    if (input.format == TextFormat::whole) {
        return;
    }

    // the texts of the piece that was read last end here, or it has more of them
    const std::uint64_t end = first + count;
    const std::size_t next = past_last_piece(index);
    const auto owner =
        static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), end) - ends_.begin());
    if (owner < next) {
        places_.add(end, reader.offset());
    }
    if (begin_of(std::min(owner, next)) == end) {
        const TextPiece& last = pieces_[next - 1];
        const std::uint64_t limit = owner < next ? pieces_[owner].offset : last.offset + last.bytes;
        const std::uint64_t place_of_end = reader.offset();
        if (place_of_end < limit
            && reader.skip(1, limit, storage.grow(detail::skip_bytes, 0)) != 0) {
            detail::raise_changed(input, place_of_end);
        }
    }
}

void TextSource::State::check_places(
    std::size_t piece,
    std::uint64_t first,
    std::span<const TextRecord> items
) const {
    for (std::size_t done = 0; done < items.size(); ++piece) {
        const auto n = static_cast<std::size_t>(
            std::min<std::uint64_t>(items.size() - done, ends_[piece] - (first + done))
        );
        if (n == 0) {
            continue;
        }
        const TextPiece& of = pieces_[piece];
        const TextRecord& last = items[done + n - 1];
        const bool is_whole = inputs_[of.input].format == TextFormat::whole;  // may be empty
        if (items[done].offset < of.offset || (last.offset >= of.offset + of.bytes && !is_whole)) {
            detail::raise_changed(inputs_[of.input], last.offset);
        }
        done += n;
    }
}

TextSource::TextSource(
    std::vector<TextInput> inputs,
    std::vector<TextPiece> pieces,
    std::vector<std::uint64_t> counts,
    FileSystem& files,
    std::size_t n_readers
)
    : state_(std::make_shared<State>(std::move(inputs), std::move(pieces), counts, files, n_readers)
    ) {}

std::size_t TextSource::size() const noexcept {
    return static_cast<std::size_t>(state_->size());
}

void TextSource::read(
    std::size_t first,
    std::size_t count,
    std::vector<TextRecord>& items,
    TextStorage& storage
) const {
    state_->read(first, count, items, storage);
}

const TextInput& TextSource::input(std::uint32_t index) const {
    return state_->inputs().at(index);
}

const std::vector<TextInput>& TextSource::inputs() const noexcept {
    return state_->inputs();
}

}  // namespace kaygraph
