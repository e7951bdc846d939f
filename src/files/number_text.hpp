#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <system_error>
#include <type_traits>

/// @file
/// Numbers as people and programs write them into text files, in the C locale.

namespace kaygraph::detail {

/// Whether a number that double does not have is too small for it, not too large.
[[nodiscard]] inline bool is_tiny(std::string_view text) noexcept {
    std::int64_t magnitude = 0;  // of the first digit that is no zero
    bool is_fraction = false;
    bool has_digit = false;
    std::size_t at = 0;
    for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
        has_digit = has_digit || (text[at] >= '1' && text[at] <= '9');
        if (text[at] == '.') {
            is_fraction = true;
        } else if (has_digit != is_fraction && text[at] != '-') {
            magnitude += has_digit ? 1 : -1;
        }
    }
    std::int64_t exponent = 0;
    const std::string_view rest = text.substr(std::min(at + 1, text.size()));
    const bool has_plus = rest.starts_with('+');
    const auto read =
        std::from_chars(rest.data() + (has_plus ? 1 : 0), rest.data() + rest.size(), exponent);
    if (read.ec == std::errc::result_out_of_range) {
        return rest.starts_with('-');
    }
    return magnitude + exponent < 0;
}

/// Reads a whole text as a number. Those of floating-point types are rounded to the nearest, one too small to zero. An
/// integer may be written as a fraction of nothing ("1.0e+00", as numpy.savetxt does). NaN and infinities are numbers.
/// Returns false where the text is no number, or none in the range of the type.
template <class T>
[[nodiscard]] bool read_number(std::string_view text, T& value) noexcept {
    if (text.size() > 1 && text.front() == '+' && text[1] != '-') {
        text.remove_prefix(1);  // from_chars knows no plus
    }
    const char* const last = text.data() + text.size();
    const auto result = std::from_chars(text.data(), last, value);
    if (result.ptr == last && result.ec == std::errc{}) {
        return true;
    }
    if constexpr (std::is_same_v<T, double>) {
        value = text.starts_with('-') ? -0.0 : 0.0;
        return result.ec == std::errc::result_out_of_range && result.ptr == last && is_tiny(text);
    } else if constexpr (std::is_same_v<T, float>) {
        double wide = 0;
        if (result.ec != std::errc::result_out_of_range || !read_number(text, wide)) {
            return false;
        }
        value = static_cast<float>(wide);
        return std::isfinite(value);
    } else {
        constexpr auto exact = std::int64_t{1} << 53U;  // up to here double has every integer
        constexpr auto most = std::min<std::int64_t>(std::numeric_limits<T>::max(), exact);
        constexpr auto least = std::max<std::int64_t>(std::numeric_limits<T>::min(), -exact);
        double wide = 0;
        if (!read_number(text, wide) || std::trunc(wide) != wide || wide > static_cast<double>(most)
            || wide < static_cast<double>(least)) {
            return false;
        }
        value = static_cast<T>(wide);
        return true;
    }
}

}  // namespace kaygraph::detail
