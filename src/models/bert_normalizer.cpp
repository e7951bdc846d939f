#include "models/bert_normalizer.hpp"

#include "models/code_points.hpp"

#include <cstdint>
#include <optional>

namespace kaygraph::models::detail {
namespace {

/// Returns what cleaning leaves of a character: a space of all that are spaces, of controls nothing.
std::optional<char32_t> cleaned(char32_t point, std::uint8_t classes) noexcept {
    if ((classes & CharacterClasses::control) != 0 || point == replacement_character) {
        return std::nullopt;
    }
    return (classes & CharacterClasses::space) != 0 ? U' ' : point;
}

}  // namespace

void BertNormalizer::append_normalized(
    std::string_view text,
    std::string& normalized,
    std::vector<ClassedPoint>& points
) const {
    points.clear();
    const auto add = [&](char32_t point) {
        if (options_.strip_accents && point >= 0x80) {
            append_decomposed(point, false, points);
        } else {
            points.push_back({point, 0});
        }
    };
    while (!text.empty()) {
        const char32_t found = take_code_point(text);
        const std::uint8_t classes = characters_.classes_of(found);
        const auto point = options_.clean_text ? cleaned(found, classes) : std::optional{found};
        if (!point) {
            continue;
        }
        const bool is_apart =
            options_.handle_chinese_chars && (classes & CharacterClasses::ideograph) != 0;
        if (is_apart) {
            points.push_back({U' ', 0});
        }
        add(*point);
        if (is_apart) {
            points.push_back({U' ', 0});
        }
    }
    if (options_.strip_accents) {
        order_marks(points);
        std::erase_if(points, [&](const ClassedPoint& each) {
            return characters_.is(each.point, CharacterClasses::mark);
        });
    }
    for (const ClassedPoint& each : points) {
        if (options_.lowercase) {
            append_lower(each.point, normalized);
        } else {
            append_code_point(each.point, normalized);
        }
    }
}

}  // namespace kaygraph::models::detail
