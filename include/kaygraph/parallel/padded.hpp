#pragma once

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Two cache lines: CPUs fetch lines in pairs, so neighbours closer than this disturb each other.
inline constexpr std::size_t padding_bytes = 128;

/// A value on cache lines of its own, for arrays with one element a thread.
/// @par MPI Local.
/// @par Threads As T.
template <class T>
struct alignas(padding_bytes) Padded {
    T value{};
};

}  // namespace kaygraph

#pragma GCC visibility pop
