#include "models/code_points.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace kaygraph::models::detail {
namespace {

constexpr bool is_continuation(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace

char32_t take_code_point(std::string_view& text) noexcept {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
        text.remove_prefix(1);
        return first;
    }
    const std::size_t length = length_of_code_point(text.front());
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    char32_t point = length == 2 ? first & 0x1FU : length == 3 ? first & 0x0FU : first & 0x07U;
    bool is_sound = length > 1 && first < 0xF8 && length <= text.size();
    for (std::size_t i = 1; is_sound && i < length; ++i) {
        is_sound = is_continuation(text[i]);
        point = point << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    const bool is_surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (!is_sound || point < least[length] || point > 0x10FFFF || is_surrogate) {
        text.remove_prefix(1);
        return replacement_character;
    }
    text.remove_prefix(length);
    return point;
}

std::size_t start_of_last(std::string_view text) noexcept {
    std::size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && length_of_code_point(text[start]) == 1
           && static_cast<unsigned char>(text[start]) >= 0x80) {
        --start;
    }
    return start;
}

void append_code_point(char32_t point, std::string& text) {
    const auto byte = [&](char32_t value) {
        text.push_back(static_cast<char>(value));
    };
    if (point < 0x80) {
        byte(point);
        return;
    }
    if (point < 0x800) {
        byte(0xC0U | point >> 6U);
    } else {
        if (point < 0x10000) {
            byte(0xE0U | point >> 12U);
        } else {
            byte(0xF0U | point >> 18U);
            byte(0x80U | (point >> 12U & 0x3FU));
        }
        byte(0x80U | (point >> 6U & 0x3FU));
    }
    byte(0x80U | (point & 0x3FU));
}

std::size_t count_code_points(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
        return !is_continuation(byte);
    }));
}

std::string_view first_code_points(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) {
        return text;
    }
    std::size_t n = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_continuation(text[i]) && n++ == most) {
            return text.substr(0, i);
        }
    }
    return text;
}

}  // namespace kaygraph::models::detail
