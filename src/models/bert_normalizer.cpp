#include "models/bert_normalizer.hpp"

#include "models/code_points.hpp"

namespace kaygraph::models::detail {
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
        char32_t point = take_code_point(text);
        const std::uint8_t classes = characters_.classes_of(point);
        if (options_.clean_text) {
            if ((classes & CharacterClasses::control) != 0 || point == replacement_character) {
                continue;
            }
            point = (classes & CharacterClasses::space) != 0 ? U' ' : point;
        }
        const bool is_apart =
            options_.handle_chinese_chars && (classes & CharacterClasses::ideograph) != 0;
        if (is_apart) {
            points.push_back({U' ', 0});
        }
        add(point);
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
