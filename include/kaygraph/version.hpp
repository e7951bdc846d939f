#pragma once

/// @file
/// The version of the headers. The build reads these three numbers from here; they stand nowhere else.

#define KAYGRAPH_VERSION_MAJOR 0
#define KAYGRAPH_VERSION_MINOR 1
#define KAYGRAPH_VERSION_PATCH 0

/// One number to compare: 0.1.0 is 100.
#define KAYGRAPH_VERSION \
    (KAYGRAPH_VERSION_MAJOR * 10000 + KAYGRAPH_VERSION_MINOR * 100 + KAYGRAPH_VERSION_PATCH)

/// True where the headers are at least version a.b.c.
#define KAYGRAPH_VERSION_GE(a, b, c) (KAYGRAPH_VERSION >= ((a)*10000 + (b)*100 + (c)))

#include <kaygraph/base/export.hpp>

#include <string_view>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Returns the version of the compiled library, "0.1.0".
/// @par MPI Local.
/// @par Threads Any thread, at any time.
[[nodiscard]] KAYGRAPH_EXPORT std::string_view version() noexcept;

}  // namespace kaygraph

#pragma GCC visibility pop
