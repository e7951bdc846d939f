#include <kaygraph/parallel/launcher.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace kaygraph {
namespace {

/// Returns the number that a variable holds.
std::optional<std::int64_t> number_in(const char* variable) {
    const char* text =
        variable == nullptr ? nullptr : std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
    if (text == nullptr) {
        return std::nullopt;
    }
    const std::string_view view{text};
    std::int64_t number = -1;
    const auto read = std::from_chars(view.data(), view.data() + view.size(), number);
    const bool is_number = read.ec == std::errc{} && read.ptr == view.data() + view.size();
    return is_number && number >= 0 ? std::optional{number} : std::nullopt;
}

struct Launcher {
    const char* name;
    const char* rank;
    const char* n_tasks;  ///< null where it does not tell
};

/// Launchers of MPI. They may run inside a job or step of a batch system, which is asked last.
constexpr std::array launchers{
    Launcher{"mpirun of Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    Launcher{"mpirun of MVAPICH", "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"},
    Launcher{"mpiexec of MPICH or a relative", "PMI_RANK", "PMI_SIZE"},
    Launcher{"a launcher with PMIx", "PMIX_RANK", nullptr},
    Launcher{"mpiexec of PALS", "PALS_RANKID", nullptr},
    Launcher{"jsrun", "JSM_NAMESPACE_RANK", "JSM_NAMESPACE_SIZE"},
    Launcher{"flux run", "FLUX_TASK_RANK", "FLUX_JOB_SIZE"},
    Launcher{"aprun", "ALPS_APP_PE", nullptr},
};

LaunchedTask task_of(
    const char* launcher,
    const char* variable,
    std::int64_t rank,
    std::int64_t n
) {
    constexpr std::int64_t most = 1'000'000'000;
    return {
        launcher,
        variable,
        static_cast<int>(std::min(rank, most)),
        static_cast<int>(std::min(std::max(n, rank + 1), most))};
}

/// A task of srun has a step. The script of a batch job has SLURM_PROCID 0 and SLURM_NTASKS, too, but no step of its own; it
/// may have inherited one from where it was submitted, which is of another size then.
std::optional<LaunchedTask> task_of_slurm() {
    constexpr std::int64_t first_special_step = 0xFFFFFFF0;  // interactive, batch, extern
    const auto rank = number_in("SLURM_PROCID");
    const auto n_tasks = number_in("SLURM_NTASKS");
    if (!rank) {
        return std::nullopt;
    }
    const auto step = number_in("SLURM_STEP_ID");
    const auto n_of_step = number_in("SLURM_STEP_NUM_TASKS");
    const bool is_in_step = step && *step < first_special_step
                            && (!n_tasks || n_of_step.value_or(*n_tasks) == *n_tasks);
    if (!is_in_step && *rank == 0) {
        return std::nullopt;
    }
    return n_of_step ? task_of("srun of Slurm", "SLURM_STEP_NUM_TASKS", *rank, *n_of_step)
                     : task_of("srun of Slurm", "SLURM_NTASKS", *rank, n_tasks.value_or(*rank + 1));
}

/// How to start ranks that find each other.
std::string remedy_for(const LaunchedTask& task, std::string_view mpi) {
    if (mpi.empty()) {
        return "this build has no MPI: start it once, without a launcher";
    }
    std::string remedy = "start it with the mpirun or mpiexec of that MPI";
    if (task.launcher.rfind("srun", 0) == 0) {
        remedy +=
            ", or with a --mpi=... of srun that it knows ('srun --mpi=list' tells what there is)";
    }
    return remedy;
}

}  // namespace

std::optional<LaunchedTask> launched_task() {
    std::optional<LaunchedTask> slurm = task_of_slurm();
    for (const Launcher& launcher : launchers) {
        const auto rank = number_in(launcher.rank);
        if (const auto n_tasks = number_in(launcher.n_tasks)) {
            return task_of(launcher.name, launcher.n_tasks, rank.value_or(0), *n_tasks);
        }
        if (rank) {
            LaunchedTask task = task_of(launcher.name, launcher.rank, *rank, 1);
            task.is_exact = false;
            return slurm ? slurm : task;
        }
    }
    return slurm;
}

std::string describe_lone_task(
    const std::optional<LaunchedTask>& task,
    int n_ranks,
    std::string_view mpi
) {
    if (!task || task->n_tasks <= 1 || n_ranks > 1) {
        return "";
    }
    const std::string sees = mpi.empty()
                                 ? "without MPI it is alone"
                                 : std::string{mpi} + ", which it was built with, sees 1 rank";
    return task->launcher + " started this process as task " + std::to_string(task->rank) + " of "
           + std::to_string(task->n_tasks) + " (" + task->variable + "), but " + sees
           + ": each task would do the whole job, over the same output; " + remedy_for(*task, mpi);
}

}  // namespace kaygraph
