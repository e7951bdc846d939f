#include <kaygraph/base/decimal.hpp>

#include <array>
#include <charconv>

namespace kaygraph {
namespace {

std::string written(double value, std::chars_format format, int digits) {
    std::array<char, 512> text{};  // the longest double has 309 digits before the point
    const auto result =
        std::to_chars(text.data(), text.data() + text.size(), value, format, digits);
    return {text.data(), result.ptr};
}

}  // namespace

std::string fixed_decimal(double value, int digits_after_point) {
    return written(value, std::chars_format::fixed, digits_after_point);
}

std::string short_decimal(double value, int significant_digits) {
    return written(value, std::chars_format::general, significant_digits);
}

}  // namespace kaygraph
