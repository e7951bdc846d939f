#pragma once

#include <cstddef>
#include <cstdint>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What a cache did since it was made.
/// @par MPI Local.
/// @par Threads A value.
struct CacheFigures {
    std::uint64_t hits = 0;  ///< values that were there
    std::uint64_t misses =
        0;  ///< values that were not: loaded, or waited for while another thread did
    std::uint64_t loads = 0;      ///< calls of a loader that returned
    std::uint64_t failures = 0;   ///< calls of a loader that threw
    std::uint64_t evictions = 0;  ///< values that left to make room
    std::size_t entries = 0;      ///< now
    std::size_t bytes = 0;        ///< now, keys and values
    std::size_t max_bytes = 0;
};

}  // namespace kaygraph

#pragma GCC visibility pop
