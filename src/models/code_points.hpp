#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// @file
/// UTF-8 and code points.

namespace kaygraph::models::detail {

constexpr char32_t replacement_character = 0xFFFD;

/// Takes the next code point off a text that is not empty. A byte that belongs to no well-formed sequence is
/// one U+FFFD.
KAYGRAPH_EXPORT char32_t take_code_point(std::string_view& text) noexcept;

KAYGRAPH_EXPORT void append_code_point(char32_t point, std::string& text);

/// How many bytes a code point that starts with this byte takes; 1 for a byte that starts none.
[[nodiscard]] constexpr std::size_t length_of_code_point(char first) noexcept {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// Returns where the last code point of a text that is not empty starts.
[[nodiscard]] std::size_t start_of_last(std::string_view text) noexcept;

/// Returns how many bytes start a code point.
[[nodiscard]] std::size_t count_code_points(std::string_view text) noexcept;

/// Returns the first `most` code points of a text.
[[nodiscard]] std::string_view first_code_points(std::string_view text, std::size_t most) noexcept;

}  // namespace kaygraph::models::detail
