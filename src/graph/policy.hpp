#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/function_ref.hpp>
#include <kaygraph/graph/context.hpp>
#include <kaygraph/graph/options.hpp>

#include <chrono>
#include <cstdint>
#include <exception>

/// @file
/// The one policy of retry, fallback and stop, for visits and for items, waiting or not.

namespace kaygraph::detail {

enum class NextStep : std::uint8_t {
    retry,         ///< another attempt, after a wait
    fallback,      ///< the last attempt has failed, and there is a fallback
    give_up,       ///< the error is final
    pass_through,  ///< a stop request: nothing may hold it up
};

struct Verdict {
    NextStep step;
    std::chrono::nanoseconds wait{};
};

/// Decides what follows a failed attempt, the `attempt`-th from 1 on. The wait follows from seed, item and
/// attempt alone.
KAYGRAPH_EXPORT Verdict judge(
    const Retry& retry,
    int attempt,
    std::uint64_t item,
    const std::exception_ptr& error,
    bool has_fallback
);

/// Calls `use` with an exception as a std::exception, inside a handler, so that `throw;` works there.
/// Something else that was thrown is shown as an OpaqueError with the place.
void with_exception(
    const std::exception_ptr& error,
    const ErrorContext& place,
    FunctionRef<void(const std::exception&)> use
);

/// True for a stop request.
bool is_stop(const std::exception_ptr& error);

/// Sleeps, but not past a stop request or the deadline; the caller looks at them anyway.
void wait_until(std::chrono::steady_clock::time_point due, const Context& context);

}  // namespace kaygraph::detail
