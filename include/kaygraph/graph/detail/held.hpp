#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

/// Keeps what a phase returned until a later phase wants it: a value, a reference, or nothing (void).
template <class X>
class Held {
    static constexpr bool is_reference = std::is_lvalue_reference_v<X>;
    using Kept = std::conditional_t<
        is_reference,
        std::remove_reference_t<X>*,
        std::conditional_t<std::is_void_v<X>, bool, std::remove_cvref_t<X>>>;

public:
    /// Calls the function and keeps its result.
    template <class F>
    void set(F&& function) {
        if constexpr (std::is_void_v<X>) {
            std::forward<F>(function)();
        } else if constexpr (is_reference) {
            kept_ = std::addressof(std::forward<F>(function)());
        } else {
            kept_.emplace(std::forward<F>(function)());
        }
    }

    [[nodiscard]] auto& value() noexcept {
        if constexpr (is_reference) {
            return **kept_;
        } else {
            return *kept_;
        }
    }
    [[nodiscard]] const auto& get() const noexcept {
        if constexpr (is_reference) {
            return **kept_;
        } else {
            return *kept_;
        }
    }

    /// Hands the value on as an argument of type Arg: moved for a value, in place for a reference.
    template <class Arg>
    [[nodiscard]] Arg&& pass() noexcept {
        return static_cast<Arg&&>(value());
    }

private:
    std::optional<Kept> kept_;
};

}  // namespace kaygraph::detail

#pragma GCC visibility pop
