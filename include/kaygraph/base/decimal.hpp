#pragma once

#include <kaygraph/base/export.hpp>

#include <string>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Returns a number with so many digits after the point, whatever the locale: "1.250".
/// @par MPI Local.
/// @par Threads Any thread.
[[nodiscard]] KAYGRAPH_EXPORT std::string fixed_decimal(double value, int digits_after_point);

/// Returns a number with so many significant digits at most, whatever the locale: "1.25", "3e+10".
/// @par MPI Local.
/// @par Threads Any thread.
[[nodiscard]] KAYGRAPH_EXPORT std::string short_decimal(double value, int significant_digits);

}  // namespace kaygraph

#pragma GCC visibility pop
