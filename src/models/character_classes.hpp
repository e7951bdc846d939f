#pragma once

#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

/// @file
/// What the steps of a tokenizer ask about a character.

namespace kaygraph::models::detail {

/// The classes of characters. One may be in several.
struct CharacterClasses {
    static constexpr std::uint8_t control = 1;      ///< dropped when text is cleaned
    static constexpr std::uint8_t mark = 2;         ///< an accent
    static constexpr std::uint8_t punctuation = 4;  ///< a word of its own
    static constexpr std::uint8_t space = 8;        ///< White_Space
    static constexpr std::uint8_t ideograph = 16;   ///< set apart by spaces
};

[[nodiscard]] bool is_white_space(char32_t point) noexcept;
/// Returns the white space that a text ends with.
[[nodiscard]] std::string_view white_space_before(std::string_view text) noexcept;
/// Returns the white space that a text starts with.
[[nodiscard]] std::string_view white_space_after(std::string_view text) noexcept;
/// Whether a code point is alphabetic, a mark, a decimal digit or a connector, of Unicode 15.
[[nodiscard]] bool is_word_character(char32_t point) noexcept;

/// Looks characters up in a table.
class CharacterTable {
public:
    KAYGRAPH_EXPORT CharacterTable();

    [[nodiscard]] std::uint8_t classes_of(char32_t point) const noexcept {
        return point < table_size ? table_[point] : search(point);
    }
    [[nodiscard]] bool is(char32_t point, std::uint8_t classes) const noexcept {
        return (classes_of(point) & classes) != 0;
    }

private:
    static constexpr char32_t table_size = 0x10000;

    [[nodiscard]] static std::uint8_t search(char32_t point) noexcept;

    std::unique_ptr<std::uint8_t[]> table_;
};

}  // namespace kaygraph::models::detail
