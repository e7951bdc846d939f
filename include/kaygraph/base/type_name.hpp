#pragma once

#include <string_view>

/// @file
/// Readable names of types, for messages.

#pragma GCC visibility push(hidden)

namespace kaygraph {

namespace type_names {  // of its own: gcc leaves out the namespace that a type shares with the function

template <class T>
[[nodiscard]] constexpr std::string_view name_of() noexcept {
    // gcc:   "... name_of() [with T = NAME; std::string_view = ...]"
    // clang: "... name_of() [T = NAME]"
    constexpr std::string_view signature = __PRETTY_FUNCTION__;
    constexpr std::size_t first = signature.find("T = ") + 4;
#ifdef __clang__
    constexpr std::size_t last = signature.rfind(']');
#else
    constexpr std::size_t last = signature.rfind("; std::string_view");
#endif
    return signature.substr(first, last - first);
}

}  // namespace type_names

/// Returns the name of T as the compiler writes it, "std::vector<long int>".
/// @par MPI Local.
/// @par Threads Any thread.
template <class T>
[[nodiscard]] constexpr std::string_view type_name() noexcept {
    return type_names::name_of<T>();
}

}  // namespace kaygraph

#pragma GCC visibility pop
