#include "models/bert_normalizer.hpp"

#include "models/code_points.hpp"

#include <kaygraph/base/check.hpp>

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace kaygraph::models::detail {
namespace {

/// Sorts each run of combining characters by class, as canonical order wants it.
void order_marks(std::vector<ClassedPoint>& points) {
    auto first = points.begin();
    while (first != points.end()) {
        const auto is_starter = [](const ClassedPoint& each) {
            return each.combining_class == 0;
        };
        first = std::find_if_not(first, points.end(), is_starter);
        const auto last = std::find_if(first, points.end(), is_starter);
        if (last - first > 1) {
            std::stable_sort(first, last, [](const ClassedPoint& a, const ClassedPoint& b) {
                return a.combining_class < b.combining_class;
            });
        }
        first = last;
    }
}

}  // namespace

void BertNormalizer::decompose(char32_t point, std::vector<ClassedPoint>& points) const {
    std::array<utf8proc_int32_t, 32> parts{};
    const utf8proc_ssize_t n = utf8proc_decompose_char(
        static_cast<utf8proc_int32_t>(point),
        parts.data(),
        parts.size(),
        UTF8PROC_DECOMPOSE,
        nullptr
    );
    KAYGRAPH_ASSERT(n >= 0 && n <= std::ssize(parts), "a canonical decomposition is short");
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
        points.push_back(
            {static_cast<char32_t>(parts[i]), utf8proc_get_property(parts[i])->combining_class}
        );
    }
}

void BertNormalizer::append_cased(char32_t point, std::string& normalized) const {
    constexpr char32_t dotted_capital_i = 0x130;
    constexpr char32_t dot_above = 0x307;
    if (!options_.lowercase) {
        append_code_point(point, normalized);
    } else if (point == dotted_capital_i) {  // the one letter whose lower case is two
        append_code_point(U'i', normalized);
        append_code_point(dot_above, normalized);
    } else {
        const auto lower = utf8proc_tolower(static_cast<utf8proc_int32_t>(point));
        append_code_point(static_cast<char32_t>(lower), normalized);
    }
}

void BertNormalizer::append_normalized(
    std::string_view text,
    std::string& normalized,
    std::vector<ClassedPoint>& points
) const {
    points.clear();
    const auto add = [&](char32_t point) {
        if (options_.strip_accents && point >= 0x80) {
            decompose(point, points);
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
        append_cased(each.point, normalized);
    }
}

}  // namespace kaygraph::models::detail
