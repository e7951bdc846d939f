#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(hidden)

namespace kaygraph {

template <class Signature>
class FunctionRef;

namespace detail {

/// F can be called as R(Args...), and is not the reference type itself.
template <class F, class Ref, class R, class... Args>
concept ReferableAs =
    !std::is_same_v<std::remove_cvref_t<F>, Ref> && std::is_invocable_r_v<R, F&, Args...>;

}  // namespace detail

/// A callable borrowed for the length of a call: two pointers, no allocation, no ownership.
/// @par MPI Local.
/// @par Threads As the callable it refers to.
template <class R, class... Args>
class FunctionRef<R(Args...)> {
public:
    template <detail::ReferableAs<FunctionRef, R, Args...> F>
    // NOLINTNEXTLINE(google-explicit-constructor,bugprone-forwarding-reference-overload): it stands for F
    FunctionRef(F&& callable) noexcept
        : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
          call_([](void* object, Args... args) -> R {
              return std::invoke(
                  *static_cast<std::remove_reference_t<F>*>(object), std::forward<Args>(args)...
              );
          }) {}

    R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

private:
    void* object_;
    R (*call_)(void*, Args...);
};

}  // namespace kaygraph

#pragma GCC visibility pop
