#pragma once

#include <kaygraph/files/text_source.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kaygraph::detail {

/// A line whose first byte lies in a piece.
struct PieceLine {
    std::size_t first = 0;  ///< in the piece's bytes
    std::size_t bytes = 0;  ///< without its end
    std::uint64_t offset = 0;
    bool goes_on = false;  ///< behind the piece
};

/// The lines that begin in a piece of a plain file, in room that somebody else owns.
class PieceText {
public:
    PieceText(File& file, const TextPiece& piece, std::uint64_t file_bytes);

    /// Returns the room that `load` needs.
    [[nodiscard]] std::size_t bytes_at_first() const noexcept;
    /// Reads the piece. @throws FormatError where the file is shorter than it was.
    void load(char* room);
    /// Returns the next line.
    std::optional<PieceLine> next() noexcept;

    /// Returns what no line was given of: lines that begin in the piece.
    [[nodiscard]] std::string_view rest() const noexcept { return {room_ + next_, size_ - next_}; }
    [[nodiscard]] std::string_view view(const PieceLine& line) const noexcept {
        return {room_ + line.first, line.bytes};
    }
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return file_bytes_; }
    /// Returns where the piece ends in its file.
    [[nodiscard]] std::uint64_t end() const noexcept { return end_; }

private:
    void skip_to_first_line();
    void read_exactly(std::uint64_t offset, std::span<char> room);

    File& file_;
    bool has_byte_before_;  // it tells whether a line begins with the piece
    std::uint64_t start_;   // of what is read
    std::uint64_t end_;
    std::uint64_t file_bytes_;
    char* room_ = nullptr;
    std::size_t size_ = 0;
    std::size_t next_ = 0;
};

/// Returns whether a line of a piece is a text of its format.
bool is_text_of_piece(const PieceText& text, const PieceLine& line, TextFormat format, File& file);

}  // namespace kaygraph::detail
