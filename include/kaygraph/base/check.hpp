#pragma once

#include <kaygraph/base/export.hpp>

/// @file
/// Checks of the library's own promises (arguments of callers get an ArgumentError instead).
/// KAYGRAPH_ASSERT is always on. KAYGRAPH_ASSERT_HOT stands where the check would cost time on a hot
/// path, and is on where KAYGRAPH_CHECK_HOT is defined (option KAYGRAPH_CHECK_LEVEL=hot).
/// A broken promise throws InternalError.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

[[noreturn]] KAYGRAPH_EXPORT void assertion_failed(
    const char* expression,
    const char* explanation,
    const char* file,
    int line
);

}  // namespace kaygraph::detail

#define KAYGRAPH_ASSERT(expression, explanation) \
    (static_cast<bool>(expression)               \
         ? static_cast<void>(0)                  \
         : ::kaygraph::detail::assertion_failed(#expression, explanation, __FILE__, __LINE__))

#ifdef KAYGRAPH_CHECK_HOT
#    define KAYGRAPH_ASSERT_HOT(expression, explanation) KAYGRAPH_ASSERT(expression, explanation)
#else
#    define KAYGRAPH_ASSERT_HOT(expression, explanation) static_cast<void>(0)
#endif

#pragma GCC visibility pop
