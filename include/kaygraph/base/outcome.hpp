#pragma once

#include <kaygraph/base/error.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

/// @file
/// A value or the reason why there is none: what an item of a batch leaves behind, and what every
/// `try_` function returns.
/// @par MPI Local.
/// @par Threads Values; an object may be read by many threads.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Why something failed, as data. An error is data until somebody decides to throw it.
struct KAYGRAPH_EXPORT Failure {
    ErrorCode code = ErrorCode::unknown;
    std::int64_t item = -1;  ///< global item index; -1: not an item of a batch
    int attempts = 0;        ///< attempts made; 0: not an attempt
    std::string message = {};
    std::exception_ptr cause = {};  ///< the original exception; null where it came from elsewhere
    ErrorTypes types = {};          ///< of the original exception

    /// All but the exception, which cannot leave the process.
    static auto codec(auto& self) {
        return std::tie(self.code, self.item, self.attempts, self.message, self.types);
    }

    /// Throws the original exception where there is one; else what stands for it (`raise_again`), or a
    /// NodeError with code and message where no type is known.
    [[noreturn]] void raise() const;
};

/// Returns whether the exception behind a failure is a T; the same answer on every rank.
template <class T>
[[nodiscard]] bool is(const Failure& failure) {
    return failure.types.has(typeid(T));
}

/// Calls a function and returns the exception that it throws; null where it throws none.
template <class F>
[[nodiscard]] std::exception_ptr caught(F&& function) {
    try {
        std::forward<F>(function)();
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

/// Describes an exception: its code (ErrorCode::unknown for foreign ones), its what(), its types, itself.
[[nodiscard]] KAYGRAPH_EXPORT Failure describe(std::exception_ptr error);

/// A T, or a Failure. `Outcome<T&>` refers to a T that lives elsewhere.
template <class T>
class [[nodiscard]] Outcome {
    using Stored = std::conditional_t<
        std::is_lvalue_reference_v<T>,
        std::remove_reference_t<T>*,
        std::remove_cv_t<T>>;

public:
    Outcome(T value)  // NOLINT(google-explicit-constructor): a value is an outcome
        requires(!std::is_lvalue_reference_v<T>)
        : state_(std::in_place_index<0>, std::move(value)) {}

    Outcome(T value)  // NOLINT(google-explicit-constructor): a value is an outcome
        requires std::is_lvalue_reference_v<T>
        : state_(std::in_place_index<0>, std::addressof(value)) {}

    Outcome(Failure failure)  // NOLINT(google-explicit-constructor): so is a failure
        : state_(std::in_place_index<1>, std::move(failure)) {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }

    /// Returns the value. @throws what the failure holds, where there is no value.
    [[nodiscard]] const std::remove_reference_t<T>& value() const& {
        if (!has_value()) {
            failure().raise();
        }
        return **this;
    }

    /// Returns the value; there must be one.
    [[nodiscard]] const std::remove_reference_t<T>& operator*() const& noexcept {
        const Stored* held = std::get_if<0>(&state_);
        if constexpr (std::is_lvalue_reference_v<T>) {
            return **held;
        } else {
            return *held;
        }
    }
    [[nodiscard]] const std::remove_reference_t<T>* operator->() const& noexcept {
        return std::addressof(**this);
    }

    /// Returns the reason; there must be no value.
    [[nodiscard]] const Failure& failure() const& noexcept { return *std::get_if<1>(&state_); }

private:
    std::variant<Stored, Failure> state_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
