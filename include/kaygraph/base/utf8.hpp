#pragma once

#include <cstddef>
#include <string_view>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Returns the length of the well-formed UTF-8 sequence of two to four bytes at a place; 0 where there is none, at an ASCII
/// byte too.
/// @par MPI Local.
/// @par Threads Any thread.
/// Source: the table "Well-Formed UTF-8 Byte Sequences" of the Unicode Standard, 3-7.
[[nodiscard]] inline std::size_t utf8_sequence_at(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0xC2U || first > 0xF4U) {
        return 0;
    }
    const std::size_t length = first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
    // what the second byte may be: no shorter forms, no surrogates, nothing beyond U+10FFFF
    const unsigned least = first == 0xE0U ? 0xA0U : first == 0xF0U ? 0x90U : 0x80U;
    const unsigned most = first == 0xEDU ? 0x9FU : first == 0xF4U ? 0x8FU : 0xBFU;
    bool is_sound = byte(1) >= least && byte(1) <= most;
    for (std::size_t i = 2; i < length; ++i) {
        is_sound = is_sound && (byte(i) & 0xC0U) == 0x80U;
    }
    return is_sound ? length : 0;
}

}  // namespace kaygraph

#pragma GCC visibility pop
