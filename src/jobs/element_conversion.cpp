#include "jobs/element_conversion.hpp"

#include "files/elements.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/kernels/convert.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace kaygraph::jobs {
namespace detail {
namespace {

using kaygraph::detail::Half;
using kaygraph::detail::load;
using kaygraph::detail::to_float;

template <class T>
constexpr bool is_integer = std::is_integral_v<T>;

/// The bits of a significand.
template <class T>
constexpr int precision = std::is_same_v<T, Half> ? 11 : std::numeric_limits<T>::digits;

/// Whether a floating-point type has an integer. Beyond the range of f16 it counts as infinite.
template <class Real, class Integer>
bool has_integer(Integer value) noexcept {
    const auto wide = static_cast<std::int64_t>(value);  // NOLINT(bugprone-signed-char-misuse): i8
    const std::uint64_t magnitude =
        wide < 0 ? 0 - static_cast<std::uint64_t>(wide) : static_cast<std::uint64_t>(wide);
    return magnitude == 0
           || magnitude >> static_cast<unsigned>(std::countr_zero(magnitude))
                  < (std::uint64_t{1} << static_cast<unsigned>(precision<Real>));
}

/// Rounds to the nearest whole number, ties to even.
template <class Real>
Real whole(Real value) noexcept {
    constexpr Real shift = std::is_same_v<Real, float> ? Real{0x1p23} : Real{0x1p52};
    const Real bias = std::copysign(shift, value);  // a number of this size has no fraction
    return std::abs(value) < shift ? (value + bias) - bias : value;
}

/// Returns the nearest half, ties to even.
Half half_of(double value) noexcept {
    const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000U : 0U);
    const double magnitude = std::abs(value);
    constexpr double least_normal = 0x1p-14;
    constexpr double first_infinite = 65'520;  // halfway between the largest and what would follow
    std::uint32_t bits = 0;
    if (std::isnan(value)) {
        bits = 0x7E00U;
    } else if (magnitude >= first_infinite) {
        bits = 0x7C00U;
    } else if (magnitude < least_normal) {
        bits = static_cast<std::uint32_t>(whole(magnitude * 0x1p24));
    } else {
        const int exponent = std::ilogb(magnitude);
        const auto significand =
            static_cast<std::uint32_t>(whole(std::ldexp(magnitude, 10 - exponent)));
        bits = (static_cast<std::uint32_t>(exponent + 14) << 10U) + significand;  // may carry
    }
    return {static_cast<std::uint16_t>(sign | bits)};
}

bool is_infinite(Half half) noexcept {
    return (half.bits & 0x7FFFU) == 0x7C00U;
}

/// Converts one element at a time; `unfit` is set where an integer does not fit.
class Converter {
public:
    Converter(float i8_scale, ElementLosses& losses) : i8_scale_(i8_scale), losses_(&losses) {}

    template <class To, class From>
    To one(From value, bool& unfit) const {
        if constexpr (std::is_same_v<From, Half>) {
            return one<To>(to_float(value), unfit);
        } else if constexpr (is_integer<From> && is_integer<To>) {
            unfit = !std::in_range<To>(value);
            return static_cast<To>(value);
        } else if constexpr (is_integer<To>) {
            return from_real<To>(value);
        } else {
            return to_real<To>(value);
        }
    }

private:
    template <class To, class From>
    To to_real(From value) const {
        if constexpr (is_integer<From>) {
            losses_->rounded += has_integer<To>(value) ? 0U : 1U;
        }
        if constexpr (std::is_same_v<To, Half>) {
            const Half half = half_of(static_cast<double>(value));
            if (is_infinite(half) && std::isfinite(static_cast<double>(value))) {
                ++losses_->infinite;
                if constexpr (is_integer<From>) {
                    losses_->rounded -= has_integer<To>(value) ? 0U : 1U;  // it counts once
                }
            }
            return half;
        } else {
            const auto nearest = static_cast<To>(value);
            losses_->infinite +=
                std::isinf(nearest) && std::isfinite(static_cast<double>(value)) ? 1U : 0U;
            return nearest;
        }
    }

    template <class To, class From>
    To from_real(From value) const {
        if (std::isnan(value)) {
            ++losses_->not_numbers;
            return 0;
        }
        constexpr bool is_scaled = std::is_same_v<To, std::int8_t>;
        constexpr auto most = static_cast<double>(std::numeric_limits<To>::max());
        constexpr double least =
            is_scaled ? -127.0 : static_cast<double>(std::numeric_limits<To>::min());
        const From scaled = is_scaled ? value * static_cast<From>(i8_scale_) : value;
        const auto nearest = static_cast<double>(whole(scaled));
        // the largest i64 is no double: the next one is beyond it
        const bool is_beyond = sizeof(To) == 8 ? nearest >= most : nearest > most;
        if (is_beyond || nearest < least) {
            ++losses_->clamped;
            return is_beyond   ? std::numeric_limits<To>::max()
                   : is_scaled ? static_cast<To>(-127)
                               : std::numeric_limits<To>::min();
        }
        losses_->rounded += !is_scaled && nearest != static_cast<double>(value) ? 1U : 0U;
        return static_cast<To>(nearest);
    }

    float i8_scale_;
    ElementLosses* losses_;
};

std::uint64_t count_nan(std::span<const float> values) noexcept {
    return static_cast<std::uint64_t>(std::count_if(values.begin(), values.end(), [](float value) {
        return std::isnan(value);
    }));
}

/// The two conversions that whole jobs wait for; the kernels give the bytes that Converter would.
bool convert_by_kernel(
    std::span<const float> from,
    std::span<std::byte> to,
    ElementType to_type,
    float i8_scale,
    ElementLosses& losses
) {
    if (to_type == ElementType::i8) {
        losses.clamped += kernels::to_i8(
            from, {reinterpret_cast<std::int8_t*>(to.data()), from.size()}, i8_scale
        );
        losses.not_numbers += count_nan(from);
        return true;
    }
    if (to_type == ElementType::f16) {
        const std::span<std::uint16_t> halves{
            reinterpret_cast<std::uint16_t*>(to.data()), from.size()};
        kernels::to_f16(from, halves);
        for (std::size_t i = 0; i < from.size(); ++i) {
            losses.infinite += is_infinite(Half{halves[i]}) && std::isfinite(from[i]) ? 1U : 0U;
        }
        return true;
    }
    return false;
}

}  // namespace

std::optional<std::size_t> convert_elements(
    std::span<const std::byte> from,
    ElementType from_type,
    std::span<std::byte> to,
    ElementType to_type,
    float i8_scale,
    ElementLosses& losses
) {
    const std::size_t n = from.size() / size_of(from_type);
    KAYGRAPH_ASSERT(to.size() == n * size_of(to_type), "as many elements come out as go in");
    if (from_type == to_type) {
        std::copy(from.begin(), from.end(), to.begin());
        return {};
    }
    const bool is_aligned = reinterpret_cast<std::uintptr_t>(from.data()) % alignof(float) == 0;
    if (from_type == ElementType::f32 && is_aligned
        && convert_by_kernel(
            {reinterpret_cast<const float*>(from.data()), n}, to, to_type, i8_scale, losses
        )) {
        return {};
    }
    ElementLosses own;  // not shared: counting stays in registers
    const Converter converter{i8_scale, own};
    std::optional<std::size_t> first_unfit;
    kaygraph::detail::with_element_type(from_type, [&](auto from_value) {
        using From = decltype(from_value);
        kaygraph::detail::with_element_type(to_type, [&](auto to_value) {
            using To = decltype(to_value);
            for (std::size_t i = 0; i < n; ++i) {
                bool unfit = false;
                const To value =
                    converter.one<To>(load<From>(from.data() + i * sizeof(From)), unfit);
                if (unfit) {
                    first_unfit = i;
                    return;
                }
                std::memcpy(to.data() + i * sizeof(To), &value, sizeof(To));
            }
        });
    });
    losses.add(own);
    return first_unfit;
}

}  // namespace detail

std::string ElementLosses::describe(ElementType type) const {
    const std::string name{to_string(type)};
    std::string text;
    const auto add = [&](std::uint64_t n, const std::string& what) {
        if (n != 0) {
            text += "\n  " + std::to_string(n) + (n == 1 ? " element " : " elements ") + what;
        }
    };
    add(clamped,
        "clamped to the range of " + name
            + (type == ElementType::i8 ? ": a smaller --i8-scale keeps them" : ""));
    add(infinite, "too large for " + name + ": infinite");
    add(not_numbers, "NaN, which " + name + " does not have: 0");
    add(rounded, "that " + name + " does not have: the nearest");
    return text;
}

}  // namespace kaygraph::jobs
