#include "files/json_bytes.hpp"

#include <charconv>
#include <cstring>

namespace kaygraph::detail {

void JsonBytes::enter_string() noexcept {
    const auto left = static_cast<std::size_t>(end_ - at_);
    const auto* const quote = static_cast<const char*>(std::memchr(at_, '"', left));
    const bool is_plain_string =
        quote != nullptr
        && std::memchr(at_, '\\', static_cast<std::size_t>(quote - at_)) == nullptr;
    place_ = is_plain_string ? Place::plain_string : Place::escaped_string;
    has_raw_ = is_plain_string;
    is_special_ = is_plain_string;
    raw_ = at_;
    quote_ = quote;
    literal_ = nullptr;
    has_half_ = false;
}

void JsonBytes::enter_number(const char* first) noexcept {
    number_end_ = first;
    bool has_exponent = false;
    while (number_end_ != end_ && is_of_number(*number_end_)) {
        has_exponent = has_exponent || *number_end_ == 'e' || *number_end_ == 'E';
        ++number_end_;
    }
    const bool is_long =
        has_exponent || number_end_ - first > static_cast<std::ptrdiff_t>(most_digits);
    place_ = number_end_ == at_ ? Place::outside : is_long ? Place::long_number : Place::number;
    n_digits_ = 1;
    most_digits_ = most_digits;
}

void JsonBytes::keep_back_digits(char passed) noexcept {
    if (!is_digit(passed)) {
        n_digits_ = 0;
        if (passed == 'e' || passed == 'E') {
            most_digits_ = 1;
        }
    } else if (++n_digits_ >= most_digits_) {
        while (at_ != end_ && is_digit(*at_)) {
            ++at_;
        }
    }
}

void JsonBytes::judge_escape() noexcept {
    const std::uint32_t unit = escaped_unit(at_);
    if (unit >= 0xD800 && unit < 0xDC00) {
        const bool has_low = end_ - at_ >= 6 && at_[4] == '\\' && at_[5] == 'u';
        const std::uint32_t low = has_low ? escaped_unit(at_ + 6) : 0;
        if (low >= 0xDC00 && low < 0xE000) {
            low_ = at_ + 6;
            return;
        }
    }
    if (unit >= 0xD800 && unit < 0xE000 && at_ != low_) {
        has_half_ = true;
        place_ = Place::half_pair;
        is_special_ = true;
        n_instead_ = instead.size();
    }
}

std::uint32_t JsonBytes::escaped_unit(const char* digits) const noexcept {
    std::uint32_t unit = 0;
    if (end_ - digits < 4 || std::from_chars(digits, digits + 4, unit, 16).ptr != digits + 4) {
        return 0;
    }
    return unit;
}

void JsonBytes::skip() noexcept {
    is_special_ = false;
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t high = 0x80U * ones;
    while (quote_ - at_ >= 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, at_, 8);
        if (((eight | (eight - ' ' * ones)) & high) != 0) {
            break;
        }
        at_ += 8;
    }
    while (at_ != quote_ && is_plain(*at_)) {
        ++at_;
    }
}

}  // namespace kaygraph::detail
