#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <span>

/// @file
/// What happens to a process whose mapped file was cut.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// While one lives, reading a page of a mapped array (`ArrayRef`) whose file was cut under the map reads zeros, and the
/// array's next check() says so, instead of ending the process by SIGBUS. It takes the process's handler of SIGBUS, hands
/// on what is not about such a page, and puts the former one back at its end. A program decides that for itself: the
/// library makes none.
///
///     int main() {
///         const kg::MapGuard guard;
///         ...
///     }
/// @par MPI Local. Make it after MPI_Init, which may take the handler, too.
/// @par Threads Made and ended by one thread while no other one takes handlers; several may live, the handler goes with the last.
class KAYGRAPH_EXPORT MapGuard {
public:
    MapGuard();
    MapGuard(const MapGuard&) = delete;
    MapGuard& operator=(const MapGuard&) = delete;
    ~MapGuard();
};

namespace detail {

/// Lets guards look after a map. Returns its index; -1 where there are too many, which are then not looked after.
KAYGRAPH_EXPORT int guard_map(std::span<const std::byte> map) noexcept;
/// Returns whether a page of it was found missing.
[[nodiscard]] KAYGRAPH_EXPORT bool is_map_cut(int index) noexcept;
KAYGRAPH_EXPORT void forget_map(int index) noexcept;

}  // namespace detail

}  // namespace kaygraph

#pragma GCC visibility pop
