#pragma once

#include "files/byte_stream.hpp"

#include <kaygraph/files/text_inputs.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

/// @file
/// What a line is: shared by pieces of plain files and by streams.

namespace kaygraph::detail {

inline constexpr std::uint64_t longest_text = std::uint64_t{16} << 20U;
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Returns whether a line is only white space, as JSON knows it.
[[nodiscard]] inline bool is_blank(std::string_view line) noexcept {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// Returns whether a line of this format is a text.
[[nodiscard]] inline bool is_text(std::string_view line, TextFormat format) noexcept {
    return format != TextFormat::jsonl || !is_blank(line);
}

/// Returns a line without the \r before its \n.
[[nodiscard]] inline std::string_view without_return(std::string_view line) noexcept {
    return !line.empty() && line.back() == '\r' ? line.substr(0, line.size() - 1) : line;
}

/// A line of a stream.
struct StreamLine {
    std::string_view bytes;  ///< until the next call; the start of one that is too long
    std::uint64_t offset = 0;
    bool is_too_long = false;
};

/// The texts of a stream, one after another.
class LineStream {
public:
    LineStream(std::unique_ptr<ByteStream> stream, TextFormat format);

    /// Returns the next text; nothing at the end.
    std::optional<StreamLine> next();
    /// Returns the whole stream as one text.
    StreamLine whole();

private:
    std::optional<StreamLine> next_line();
    std::optional<StreamLine> next_long_line();
    /// Moves what is left to the front and reads on. Returns false at the end of the stream.
    bool fill();

    std::unique_ptr<ByteStream> stream_;
    TextFormat format_;
    std::vector<char> buffer_;
    std::size_t first_ = 0;     // of what has not been given
    std::size_t last_ = 0;      // of what was read
    std::uint64_t offset_ = 0;  // of first_ in the stream
    std::vector<char> head_;    // of a line that is too long
    bool is_at_end_ = false;
};

}  // namespace kaygraph::detail
