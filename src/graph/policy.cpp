#include "graph/policy.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/outcome.hpp>

#include <algorithm>
#include <cmath>
#include <thread>

namespace kaygraph::detail {
namespace {

/// A number in [0, 1) that follows from its arguments alone.
/// Source: the finaliser of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
/// Generators, OOPSLA 2014).
double random_share(std::uint64_t seed, std::uint64_t item, int attempt) {
    std::uint64_t z =
        seed + 0x9e3779b97f4a7c15U * (item * 1024 + static_cast<std::uint64_t>(attempt) + 1);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    z ^= z >> 31U;
    return static_cast<double>(z >> 11U) * 0x1.0p-53;
}

std::chrono::nanoseconds wait_after(const Retry& retry, int attempt, std::uint64_t item) {
    auto wait = static_cast<double>(retry.wait.count());
    if (retry.backoff == Backoff::exponential) {
        wait = std::ldexp(wait, attempt - 1);
    }
    constexpr double most = 3e18;  // 95 years: added to the time of day it stays a time
    wait = std::min({wait, static_cast<double>(retry.max_wait.count()), most});
    wait *= 1.0 - retry.jitter * random_share(retry.seed, item, attempt);
    return std::chrono::nanoseconds{static_cast<std::int64_t>(wait)};
}

bool is_worth_a_retry(const Retry& retry, const std::exception_ptr& error) {
    bool worth = true;
    if (retry.retry_if) {
        with_exception(error, {}, [&](const std::exception& exception) {
            worth = retry.retry_if(exception);
        });
    }
    return worth;
}

}  // namespace

Verdict judge(
    const Retry& retry,
    int attempt,
    std::uint64_t item,
    const std::exception_ptr& error,
    bool has_fallback
) {
    if (is_stop(error)) {
        return {NextStep::pass_through};
    }
    if (attempt < retry.max_attempts && is_worth_a_retry(retry, error)) {
        return {NextStep::retry, wait_after(retry, attempt, item)};
    }
    return {has_fallback ? NextStep::fallback : NextStep::give_up};
}

void with_exception(
    const std::exception_ptr& error,
    const ErrorContext& place,
    FunctionRef<void(const std::exception&)> use
) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& exception) {
        use(exception);
    } catch (...) {
        const Failure failure = describe(error);
        use(OpaqueError(failure.code, failure.message, failure.types, place));
    }
}

bool is_stop(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Stopped&) {
        return true;
    } catch (...) {
        return false;
    }
}

void wait_until(std::chrono::steady_clock::time_point due, const Context& context) {
    using std::chrono::steady_clock;
    constexpr std::chrono::milliseconds slice{
        5};  // a stop flag may be set by a signal: nobody notifies
    if (context.deadline()) {
        due = std::min(due, *context.deadline());
    }
    for (auto now = steady_clock::now(); now < due && !context.stop_requested();
         now = steady_clock::now()) {
        std::this_thread::sleep_for(std::min<steady_clock::duration>(slice, due - now));
    }
}

}  // namespace kaygraph::detail
