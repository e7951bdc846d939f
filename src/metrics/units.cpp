#include "metrics/units.hpp"

#include <kaygraph/base/decimal.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace kaygraph::detail {
namespace {

struct Unit {
    double size;
    const char* name;
};

template <std::size_t N>
std::string with_unit(double value, const std::array<Unit, N>& units) {
    const auto* unit = std::find_if(units.begin(), units.end() - 1, [&](const Unit& candidate) {
        return value >= candidate.size;
    });
    return short_decimal(value / unit->size, 3) + " " + unit->name;
}

}  // namespace

std::string with_seconds(double seconds) {
    constexpr std::array<Unit, 6> units{
        {{3600.0, "h"}, {60.0, "min"}, {1.0, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}}};
    return with_unit(seconds, units);
}

std::string with_bytes(std::uint64_t bytes) {
    constexpr std::array<Unit, 5> units{
        {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1.0, "B"}}};
    return with_unit(static_cast<double>(bytes), units);
}

std::string with_commas(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

}  // namespace kaygraph::detail
