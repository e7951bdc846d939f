#pragma once

#include <kaygraph/base/export.hpp>

#include <optional>
#include <string>
#include <string_view>

/// @file
/// What the launcher of a parallel job (mpirun, mpiexec, srun, ...) says to each process that it starts, in variables.
/// MPI should give as many ranks as the launcher started tasks. Where it gives one, it does not know this launcher: each
/// task would do the whole job, all over the same output.
/// @par MPI Local: no call of MPI.
/// @par Threads Reads the environment, which no other thread may change meanwhile.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// A process that a launcher started.
struct LaunchedTask {
    std::string launcher = {};  ///< "srun of Slurm"
    std::string variable = {};  ///< which tells how many there are: "SLURM_STEP_NUM_TASKS"
    int rank = 0;
    int n_tasks = 1;
    bool is_exact = true;  ///< false where there may be more tasks: the launcher does not tell
};

/// Returns what the innermost launcher says of this process; nothing where none started it. The script of a Slurm batch job
/// and the shell of salloc are no tasks.
[[nodiscard]] KAYGRAPH_EXPORT std::optional<LaunchedTask> launched_task();

/// Returns what is wrong where one of several tasks sees one rank, and what to do; empty where all is well. `mpi` names the
/// MPI that was asked, empty for none.
[[nodiscard]] KAYGRAPH_EXPORT std::string describe_lone_task(
    const std::optional<LaunchedTask>& task,
    int n_ranks,
    std::string_view mpi
);

}  // namespace kaygraph

#pragma GCC visibility pop
