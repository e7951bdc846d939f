#pragma once

#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <string>

/// @file
/// What a process leaves behind when an item ends it.
///
/// The library installs no handlers. A program that wants such items to be found calls `note_crash` in its handler of
/// SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT, and then dies of the signal.
/// @par MPI Local.

#pragma GCC visibility push(hidden)

namespace kaygraph::runs {

/// The calling thread is at the items [first, last) from now on. A crash adds a frame to `file`; a path of over 4,000
/// bytes is not noted.
KAYGRAPH_EXPORT void is_at_items(
    const std::string& file,
    std::uint32_t attempt,
    std::uint64_t first,
    std::uint64_t last
) noexcept;

/// The calling thread is at no items.
KAYGRAPH_EXPORT void is_at_none() noexcept;

/// Writes a `crashed` frame for what the calling thread is at, if anything.
/// @par Threads A handler of a signal, on the thread that caused it: async-signal-safe.
KAYGRAPH_EXPORT void note_crash() noexcept;

}  // namespace kaygraph::runs

#pragma GCC visibility pop
