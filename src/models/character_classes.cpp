#include "models/character_classes.hpp"

#include "models/character_ranges.hpp"
#include "models/code_points.hpp"

#include <utf8proc.h>

#include <array>
#include <span>

namespace kaygraph::models::detail {
namespace {

struct ClassRanges {
    std::span<const CodePointRange> ranges;
    std::uint8_t bits;
};

constexpr std::array<ClassRanges, 5> all_classes{{
    {control_ranges, CharacterClasses::control},
    {mark_ranges, CharacterClasses::mark},
    {punctuation_ranges, CharacterClasses::punctuation},
    {space_ranges, CharacterClasses::space},
    {ideograph_ranges, CharacterClasses::ideograph},
}};

}  // namespace

bool is_white_space(char32_t point) noexcept {
    return contains(space_ranges, point);
}

std::string_view white_space_before(std::string_view text) noexcept {
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t start = start_of_last(rest);
        std::string_view last = rest.substr(start);
        if (!is_white_space(take_code_point(last))) {
            break;
        }
        rest = rest.substr(0, start);
    }
    return text.substr(rest.size());
}

std::string_view white_space_after(std::string_view text) noexcept {
    std::string_view rest = text;
    while (!rest.empty()) {
        std::string_view after = rest;
        if (!is_white_space(take_code_point(after))) {
            break;
        }
        rest = after;
    }
    return text.substr(0, text.size() - rest.size());
}

bool is_word_character(char32_t point) noexcept {
    const bool is_circled_letter =
        (point >= 0x24B6 && point <= 0x24E9) || (point >= 0x1F130 && point <= 0x1F149)
        || (point >= 0x1F150 && point <= 0x1F169) || (point >= 0x1F170 && point <= 0x1F189);
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(point));
    return is_circled_letter
           || (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL)
           || category == UTF8PROC_CATEGORY_PC;
}

CharacterTable::CharacterTable() : table_(std::make_unique<std::uint8_t[]>(table_size)) {
    for (const ClassRanges& entry : all_classes) {
        for (const CodePointRange& range : entry.ranges) {
            for (char32_t point = range.first; point <= range.last && point < table_size; ++point) {
                table_[point] |= entry.bits;
            }
        }
    }
}

std::uint8_t CharacterTable::search(char32_t point) noexcept {
    std::uint8_t bits = 0;
    for (const ClassRanges& entry : all_classes) {
        if (contains(entry.ranges, point)) {
            bits |= entry.bits;
        }
    }
    return bits;
}

}  // namespace kaygraph::models::detail
