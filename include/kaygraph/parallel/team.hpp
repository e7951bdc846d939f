#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/function_ref.hpp>

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Runs `worker(0) … worker(n_workers - 1)`, each once, on a team of up to n_workers threads, the
/// calling thread among them, and returns when all have ended. Workers may not wait for each other:
/// where the system grants fewer threads (thread limits, a caller already inside a parallel region),
/// the granted ones run the remaining workers one after another.
///
/// On error: an exception of a worker is carried out of the team after all workers have ended; of
/// several, that of the lowest worker.
/// Where the system refuses a thread for want of memory, the OpenMP runtime (libgomp) ends the process:
/// ask for no more threads than there are cores.
/// @par MPI Local.
/// @par Threads Any thread; teams of different threads do not disturb each other.
/// Cost: about 1 µs for a team that is warm; nothing is started for one worker.
KAYGRAPH_EXPORT void run_team(std::size_t n_workers, FunctionRef<void(std::size_t worker)> worker);

/// Runs `lead()` on the calling thread and, beside it, `worker(0) … worker(n_workers - 1)` on further
/// threads, and returns when all have ended. Workers may not wait for each other; the lead may wait for
/// them. For the thread that has to be somewhere else meanwhile: the one that communicates.
///
/// Returns false, and runs nothing, where the system grants no further thread. The threads are new ones, or
/// where OMP_PROC_BIND binds threads to places those of the OpenMP runtime.
///
/// On error: as `run_team`; an exception of the lead comes first.
/// @par MPI Local.
/// @par Threads As `run_team`.
[[nodiscard]] KAYGRAPH_EXPORT bool run_beside(
    std::size_t n_workers,
    FunctionRef<void(std::size_t worker)> worker,
    FunctionRef<void()> lead
);

}  // namespace kaygraph

#pragma GCC visibility pop
