#include "models/character_classes.hpp"

#include "models/character_ranges.hpp"

#include <algorithm>
#include <array>
#include <iterator>
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

bool contains(std::span<const CodePointRange> ranges, char32_t point) noexcept {
    const auto after = std::upper_bound(
        ranges.begin(),
        ranges.end(),
        point,
        [](char32_t value, const CodePointRange& range) { return value < range.first; }
    );
    return after != ranges.begin() && point <= std::prev(after)->last;
}

}  // namespace

bool is_white_space(char32_t point) noexcept {
    return contains(space_ranges, point);
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
