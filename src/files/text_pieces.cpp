// Pieces of inputs: cutting, counting, and reading the texts of one.
#include "files/text_pieces.hpp"

#include "files/byte_stream.hpp"
#include "files/text_lines.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <cstring>
#include <string>

namespace kaygraph {

std::vector<TextPiece> cut_texts(std::span<const TextInput> inputs, std::uint64_t piece_bytes) {
    constexpr std::uint64_t least = std::uint64_t{64} << 10U;
    constexpr std::uint64_t most_pieces = std::uint64_t{1} << 18U;
    constexpr std::uint64_t least_given = 4;  // a byte order mark lies in one piece
    if (piece_bytes == 0) {
        std::uint64_t total = 0;
        for (const TextInput& input : inputs) {
            total += input.bytes;
        }
        piece_bytes = std::max(least, total / most_pieces);
    }
    piece_bytes = std::max(piece_bytes, least_given);
    std::vector<TextPiece> pieces;
    for (std::uint32_t i = 0; i < inputs.size(); ++i) {
        const TextInput& input = inputs[i];
        const bool is_one =
            input.compression != Compression::none || input.format == TextFormat::whole;
        const std::uint64_t step = is_one ? std::max<std::uint64_t>(input.bytes, 1) : piece_bytes;
        for (std::uint64_t offset = 0; offset < input.bytes || (is_one && offset == 0);
             offset += step) {
            pieces.push_back({i, offset, std::min(step, input.bytes - offset)});
        }
    }
    return pieces;
}

namespace detail {

PieceText::PieceText(File& file, const TextPiece& piece, std::uint64_t file_bytes)
    : file_(file),
      has_byte_before_(piece.offset != 0),
      start_(piece.offset - (has_byte_before_ ? 1 : 0)),
      end_(piece.offset + piece.bytes),
      file_bytes_(file_bytes) {}

std::size_t PieceText::bytes_at_first() const noexcept {
    return static_cast<std::size_t>(end_ - start_);
}

void PieceText::load(char* room) {
    room_ = room;
    size_ = bytes_at_first();
    read_exactly(start_, {room_, size_});
    next_ = 0;
    if (has_byte_before_) {
        skip_to_first_line();
    } else if (std::string_view{room_, size_}.substr(0, 3) == byte_order_mark) {
        next_ = byte_order_mark.size();
    }
}

/// Passes the rest of the line that began before the piece.
void PieceText::skip_to_first_line() {
    const void* end = std::memchr(room_, '\n', size_);
    next_ = end == nullptr ? size_
                           : static_cast<std::size_t>(static_cast<const char*>(end) - room_) + 1;
}

std::optional<PieceLine> PieceText::next() noexcept {
    if (next_ >= size_) {
        return {};
    }
    const std::size_t first = next_;
    const void* end = std::memchr(room_ + first, '\n', size_ - first);
    PieceLine line{.first = first, .offset = start_ + first};
    if (end != nullptr) {
        const auto at = static_cast<std::size_t>(static_cast<const char*>(end) - room_);
        line.bytes = without_return({room_ + first, at - first}).size();
        next_ = at + 1;
    } else {
        line.bytes = size_ - first;
        line.goes_on = end_ < file_bytes_;
        next_ = size_;
    }
    return line;
}

void PieceText::read_exactly(std::uint64_t offset, std::span<char> room) {
    const std::size_t n = file_.read_at(offset, std::as_writable_bytes(room));
    if (n != room.size()) {
        throw FormatError(
            ErrorCode::truncated,
            "the file has changed while it was read: expected " + std::to_string(room.size())
                + " bytes, found " + std::to_string(n),
            {.file = file_.path(), .offset = static_cast<std::int64_t>(offset)}
        );
    }
}

namespace {

/// Returns whether a line that goes on behind its piece is a text: looks as far as it must.
bool goes_on_as_text(File& file, std::uint64_t offset, std::uint64_t file_bytes) {
    std::vector<char> part(4096);
    while (offset < file_bytes) {
        const std::size_t n = file.read_at(offset, std::as_writable_bytes(std::span{part}));
        const std::string_view bytes{part.data(), n};
        const std::size_t seen = bytes.find_first_not_of(" \t\r");
        if (seen != std::string_view::npos) {
            return bytes[seen] != '\n';
        }
        if (n == 0) {
            break;
        }
        offset += n;
    }
    return false;
}

std::uint64_t count_stream(const TextInput& input, FileSystem& files) {
    LineStream lines{open_stream(input, files), input.format};
    std::uint64_t n = 0;
    while (lines.next()) {
        ++n;
    }
    return n;
}

/// In `lines` every line is a text: only the ends of lines matter.
std::uint64_t count_ends(std::string_view bytes) {
    std::uint64_t n = 0;
    for (const char* at = bytes.data();
         const void* end =
             std::memchr(at, '\n', static_cast<std::size_t>(bytes.data() + bytes.size() - at));
         ++n) {
        at = static_cast<const char*>(end) + 1;
    }
    return n;
}

}  // namespace

bool is_text_of_piece(const PieceText& text, const PieceLine& line, TextFormat format, File& file) {
    if (format != TextFormat::jsonl || !is_blank(text.view(line))) {
        return true;
    }
    return line.goes_on && goes_on_as_text(file, line.offset + line.bytes, text.file_bytes());
}

}  // namespace detail

std::uint64_t count_texts(
    std::span<const TextInput> inputs,
    const TextPiece& piece,
    FileSystem& files
) {
    using namespace detail;  // NOLINT(google-build-using-namespace): of this layer
    const TextInput& input = inputs[piece.input];
    if (input.format == TextFormat::whole) {
        return 1;
    }
    if (input.compression != Compression::none) {
        return count_stream(input, files);
    }
    const std::unique_ptr<File> file = open_unchanged(input, files);
    PieceText text{*file, piece, input.bytes};
    std::vector<char> room(text.bytes_at_first());
    text.load(room.data());
    if (input.format == TextFormat::lines) {
        const std::string_view rest = text.rest();
        const bool has_last_line = !rest.empty() && rest.back() != '\n';
        return count_ends(rest) + (has_last_line ? 1 : 0);
    }
    std::uint64_t n = 0;
    while (const std::optional<PieceLine> line = text.next()) {
        n += is_text_of_piece(text, *line, input.format, *file) ? 1U : 0U;
    }
    return n;
}

}  // namespace kaygraph
