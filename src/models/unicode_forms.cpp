#include "models/unicode_forms.hpp"

#include "models/character_classes.hpp"
#include "models/code_points.hpp"
#include "models/later_ranges.hpp"

#include <kaygraph/base/check.hpp>

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace kaygraph::models::detail {
namespace {

int combining_class(char32_t point) noexcept {
    const auto of = utf8proc_get_property(static_cast<utf8proc_int32_t>(point))->combining_class;
    return of != 0 && !contains(later_marks, point) ? of : 0;
}

/// Composes points that are decomposed and in order, in place. utf8proc gives later marks a class: it sees the parts
/// between them, each of which begins with one.
void compose(std::vector<utf8proc_int32_t>& points) {
    std::size_t kept = 0;
    for (std::size_t first = 0; first < points.size();) {
        const auto next = std::find_if(
            points.begin() + static_cast<std::ptrdiff_t>(first) + 1,
            points.end(),
            [](utf8proc_int32_t point) {
                return contains(later_marks, static_cast<char32_t>(point));
            }
        );
        const auto last = static_cast<std::size_t>(next - points.begin());
        const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
        const utf8proc_ssize_t n = utf8proc_normalize_utf32(
            points.data() + first, static_cast<utf8proc_ssize_t>(last - first), options
        );
        KAYGRAPH_ASSERT(n >= 0, "composing ends");
        std::copy_n(
            points.begin() + static_cast<std::ptrdiff_t>(first),
            n,
            points.begin() + static_cast<std::ptrdiff_t>(kept)
        );
        kept += static_cast<std::size_t>(n);
        first = last;
    }
    points.resize(kept);
}

}  // namespace

void append_decomposed(char32_t point, bool compatible, std::vector<ClassedPoint>& points) {
    if (contains(later_decompositions, point)) {
        points.push_back({point, 0});
        return;
    }
    std::array<utf8proc_int32_t, 32> parts{};
    const int options = UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0);
    const utf8proc_ssize_t n = utf8proc_decompose_char(
        static_cast<utf8proc_int32_t>(point),
        parts.data(),
        parts.size(),
        static_cast<utf8proc_option_t>(options),
        nullptr
    );
    KAYGRAPH_ASSERT(n >= 0 && n <= std::ssize(parts), "a decomposition is short");
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
        const auto part = static_cast<char32_t>(parts[i]);
        points.push_back({part, combining_class(part)});
    }
}

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

void append_form(std::string_view text, NormalForm form, std::string& normalized) {
    const auto other = std::find_if(text.begin(), text.end(), [](char byte) {
        return static_cast<signed char>(byte) < 0;
    });
    if (other == text.end()) {  // every form of ASCII is the same
        normalized += text;
        return;
    }
    // what stands before the last character of ASCII composes with nothing
    const auto plain =
        static_cast<std::size_t>(std::max(other - text.begin(), std::ptrdiff_t{1})) - 1;
    normalized += text.substr(0, plain);
    text.remove_prefix(plain);

    std::vector<ClassedPoint> points;
    points.reserve(text.size());
    const bool is_compatible = form == NormalForm::nfkc || form == NormalForm::nfkd;
    while (!text.empty()) {
        append_decomposed(take_code_point(text), is_compatible, points);
    }
    order_marks(points);
    if (form == NormalForm::nfd || form == NormalForm::nfkd) {
        for (const ClassedPoint& each : points) {
            append_code_point(each.point, normalized);
        }
        return;
    }
    std::vector<utf8proc_int32_t> composed(points.size());
    std::transform(points.begin(), points.end(), composed.begin(), [](const ClassedPoint& each) {
        return static_cast<utf8proc_int32_t>(each.point);
    });
    compose(composed);
    for (const utf8proc_int32_t point : composed) {
        append_code_point(static_cast<char32_t>(point), normalized);
    }
}

bool is_mark(char32_t point) noexcept {
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(point));
    const bool is_now = category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC
                        || category == UTF8PROC_CATEGORY_ME;
    return (is_now && !contains(later_marks, point))
           || (point >= former_marks.first && point <= former_marks.last);
}

void append_lower(char32_t point, std::string& text) {
    constexpr char32_t dotted_capital_i = 0x130;
    constexpr char32_t dot_above = 0x307;
    if (point == dotted_capital_i) {  // the one letter whose lower case is two
        append_code_point(U'i', text);
        append_code_point(dot_above, text);
        return;
    }
    if (point >= later_cases.front().letters.first) {
        const auto* const later =
            std::find_if(later_cases.begin(), later_cases.end(), [&](const LaterCase& each) {
                return point >= each.letters.first && point <= each.letters.last;
            });
        if (later != later_cases.end()) {
            append_code_point(
                static_cast<char32_t>(static_cast<int>(point) + later->distance), text
            );
            return;
        }
    }
    const auto lower = utf8proc_tolower(static_cast<utf8proc_int32_t>(point));
    append_code_point(static_cast<char32_t>(lower), text);
}

}  // namespace kaygraph::models::detail
