#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Returns how many cores this process may use: the cores of its affinity mask, cut to the CPU quota of
/// its control groups (inner and outer ones), to OMP_NUM_THREADS and to OMP_THREAD_LIMIT, where those are
/// set. At least 1.
/// Never changes a mask or a setting.
/// @par MPI Local.
/// @par Threads Any thread; reads the environment, so no other thread may change it meanwhile.
/// Cost: a few system calls.
[[nodiscard]] KAYGRAPH_EXPORT std::size_t usable_cores();

}  // namespace kaygraph

#pragma GCC visibility pop
