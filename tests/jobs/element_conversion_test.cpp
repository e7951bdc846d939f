// Every type of elements to every other, against rules written down once more in long double, which holds every value
// of every type.
#include "jobs/element_conversion.hpp"

#include "files/elements.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace kaygraph::jobs {
namespace {

using kaygraph::detail::Half;
using kaygraph::detail::with_element_type;
using Wide = long double;

static_assert(LDBL_MANT_DIG >= 64, "the test needs a type that holds every i64");

constexpr std::array all_types{
    ElementType::f16,
    ElementType::f32,
    ElementType::f64,
    ElementType::i8,
    ElementType::u8,
    ElementType::i32,
    ElementType::i64};

template <class T>
Wide wide_of(T value) {
    if constexpr (std::is_same_v<T, Half>) {
        return kaygraph::detail::to_float(value);
    } else {
        return static_cast<Wide>(value);
    }
}

/// Values that types can hold or not, at and beyond the borders of all of them.
std::vector<Wide> some_values() {
    constexpr Wide inf = std::numeric_limits<Wide>::infinity();
    std::vector<Wide> values{
        0,
        -0.0L,
        inf,
        -inf,
        std::numeric_limits<Wide>::quiet_NaN(),
        0x1p-24L,
        0x1p-25L,
        0x1.8p-24L,
        1e-300L,
        1e300L};
    for (const Wide border :
         {0.5L,
          1.0L,
          1.5L,
          2.5L,
          126.5L,
          127.0L,
          128.0L,
          255.0L,
          256.0L,
          2048.0L,
          65504.0L,
          65520.0L,
          0x1p24L,
          0x1p31L,
          0x1p53L,
          0x1p63L,
          3.4028234663852886e38L,
          0x1p-14L,
          0.001L,
          1.0L / 3}) {
        for (const Wide step : {0.0L, 0.25L, 0.5L, 1.0L, 2.0L, 0x1p-30L}) {
            for (const Wide sign : {1.0L, -1.0L}) {
                values.push_back(sign * (border + step));
                values.push_back(sign * (border - step));
            }
        }
    }
    return values;
}

/// The nearest half, by looking for it among all of them.
std::uint16_t half_bits(Wide value) {
    static const std::vector<Wide> all = [] {
        std::vector<Wide> halves;
        for (std::uint16_t bits = 0; bits < 0x7C00; ++bits) {
            halves.push_back(wide_of(Half{bits}));
        }
        halves.push_back(0x1p16L);  // what would follow: infinite
        return halves;
    }();
    if (std::isnan(value)) {
        return 0x7E00;
    }
    const Wide magnitude = std::min(std::abs(value), all.back());
    auto above = std::lower_bound(all.begin(), all.end(), magnitude);
    if (above != all.begin()) {
        const Wide to_lower = magnitude - *std::prev(above);
        const Wide to_upper = *above - magnitude;
        const bool is_lower_even = (above - all.begin() - 1) % 2 == 0;
        if (to_lower < to_upper || (to_lower == to_upper && is_lower_even)) {
            --above;
        }
    }
    return static_cast<std::uint16_t>((above - all.begin()) | (std::signbit(value) ? 0x8000 : 0));
}

/// The bytes that are expected, what is lost, and whether the value fits at all.
template <class To, class From>
bool expect(From from, float scale, To& to, ElementLosses& losses) {
    const Wide value = wide_of(from);
    if constexpr (std::is_same_v<To, Half>) {
        to = Half{half_bits(value)};
    } else if constexpr (!std::is_integral_v<To>) {
        to = static_cast<To>(value);
    } else if (std::isnan(value)) {
        to = 0;
        ++losses.not_numbers;
        return true;
    } else {
        constexpr bool is_scaled = std::is_same_v<To, std::int8_t> && !std::is_integral_v<From>;
        const Wide most = std::numeric_limits<To>::max();
        const Wide least = is_scaled ? -127 : static_cast<Wide>(std::numeric_limits<To>::min());
        // the product is rounded to what it is computed in
        const Wide scaled = !is_scaled ? value
                            : sizeof(From) == 8
                                ? Wide{static_cast<double>(value) * static_cast<double>(scale)}
                                : Wide{static_cast<float>(value) * scale};
        const Wide nearest = std::nearbyint(scaled);
        if (nearest > most || nearest < least) {
            if (std::is_integral_v<From>) {
                return false;
            }
            ++losses.clamped;
        } else if (!is_scaled && nearest != value) {
            ++losses.rounded;
        }
        to = static_cast<To>(std::clamp(nearest, least, most));
        return true;
    }
    if (std::isinf(wide_of(to)) && !std::isinf(value)) {
        ++losses.infinite;
    } else if (std::is_integral_v<From> && wide_of(to) != value) {
        ++losses.rounded;
    }
    return true;
}

/// Returns the values that a type has, of some: others become the nearest, or are left out.
template <class T>
std::vector<T> values_of() {
    std::vector<T> values;
    for (const Wide value : some_values()) {
        if constexpr (std::is_same_v<T, Half>) {
            values.push_back({half_bits(value)});
        } else if constexpr (std::is_integral_v<T>) {
            if (value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max()) {
                values.push_back(static_cast<T>(value));
            }
        } else {
            values.push_back(static_cast<T>(value));
        }
    }
    return values;
}

template <class From, class To>
void compare(ElementType from_type, ElementType to_type, float scale) {
    const std::vector<From> from = values_of<From>();
    const std::string pair =
        std::string{to_string(from_type)} + " to " + std::string{to_string(to_type)};
    for (const From value : from) {
        To expected{};
        To found{};
        ElementLosses lost;
        ElementLosses counted;
        const bool fits = expect(value, scale, expected, lost);
        const auto unfit = detail::convert_elements(
            std::as_bytes(std::span{&value, 1}),
            from_type,
            std::as_writable_bytes(std::span{&found, 1}),
            to_type,
            scale,
            counted
        );
        EXPECT_EQ(!unfit, fits) << pair << ", " << wide_of(value);
        if (!fits) {
            EXPECT_EQ(unfit, 0U);
            continue;
        }
        const bool are_nan = std::isnan(wide_of(expected)) && std::isnan(wide_of(found));
        EXPECT_TRUE(are_nan || std::memcmp(&expected, &found, sizeof(To)) == 0)
            << pair << ", " << wide_of(value) << ": expected " << wide_of(expected) << ", found "
            << wide_of(found);
        EXPECT_EQ(counted.clamped, lost.clamped) << pair << ", " << wide_of(value);
        EXPECT_EQ(counted.infinite, lost.infinite) << pair << ", " << wide_of(value);
        EXPECT_EQ(counted.not_numbers, lost.not_numbers) << pair << ", " << wide_of(value);
        EXPECT_EQ(counted.rounded, lost.rounded) << pair << ", " << wide_of(value);
    }
}

TEST(ElementConversion, EveryTypeBecomesEveryOther) {
    for (const ElementType from : all_types) {
        for (const ElementType to : all_types) {
            with_element_type(from, [&](auto from_value) {
                with_element_type(to, [&](auto to_value) {
                    using From = decltype(from_value);
                    using To = decltype(to_value);
                    if constexpr (!std::is_same_v<From, To>) {
                        compare<From, To>(from, to, 1);
                        compare<From, To>(from, to, 127);
                    }
                });
            });
        }
    }
}

TEST(ElementConversion, LongRowsAreConvertedAsSingleElements) {
    std::vector<float> values;
    for (const float value : values_of<float>()) {
        values.push_back(value);
    }
    for (const ElementType to : {ElementType::f16, ElementType::i8, ElementType::u8}) {
        std::vector<std::byte> together(values.size() * size_of(to));
        ElementLosses lost;
        ElementLosses counted;
        static_cast<void>(detail::convert_elements(
            std::as_bytes(std::span{values}), ElementType::f32, together, to, 127, lost
        ));
        for (std::size_t i = 0; i < values.size(); ++i) {
            std::vector<std::byte> alone(1 + sizeof(float));  // not aligned: no kernel
            std::memcpy(alone.data() + 1, &values[i], sizeof(float));
            std::vector<std::byte> one(size_of(to));
            static_cast<void>(detail::convert_elements(
                std::span{alone}.subspan(1), ElementType::f32, one, to, 127, counted
            ));
            if (!std::isnan(values[i])) {
                EXPECT_EQ(
                    std::memcmp(one.data(), together.data() + i * size_of(to), size_of(to)), 0
                ) << values[i];
            }
        }
        EXPECT_EQ(counted.clamped, lost.clamped);
        EXPECT_EQ(counted.infinite, lost.infinite);
        EXPECT_EQ(counted.not_numbers, lost.not_numbers);
        EXPECT_EQ(counted.rounded, lost.rounded);
        EXPECT_GT(lost.clamped + lost.infinite, 0U);
    }
}

TEST(ElementConversion, TellsWhichIntegerDoesNotFit) {
    const std::vector<std::int32_t> values{1, 2, 127, 128, 3, 129};
    std::vector<std::byte> small(values.size());
    ElementLosses losses;
    EXPECT_EQ(
        detail::convert_elements(
            std::as_bytes(std::span{values}), ElementType::i32, small, ElementType::i8, 127, losses
        ),
        3U
    );
}

TEST(ElementConversion, LossesAreTold) {
    const ElementLosses losses{.clamped = 1, .infinite = 2, .not_numbers = 3, .rounded = 4};
    EXPECT_EQ(
        losses.describe(ElementType::u8),
        "\n  1 element clamped to the range of u8\n  2 elements too large for u8: infinite"
        "\n  3 elements NaN, which u8 does not have: 0\n  4 elements that u8 does not have: the "
        "nearest"
    );
    EXPECT_EQ(ElementLosses{}.describe(ElementType::f32), "");
}

}  // namespace
}  // namespace kaygraph::jobs
