#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/function_ref.hpp>
#include <kaygraph/parallel/communicator.hpp>
#include <kaygraph/parallel/launcher.hpp>

#include <mpi.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#if (defined(KAYGRAPH_MPI_IS_OPEN_MPI) && !defined(OPEN_MPI)) \
    || (defined(KAYGRAPH_MPI_IS_MPICH) && defined(OPEN_MPI))
#    error "kaygraph was built with another MPI than this program is; build both with the same"
#endif

/// @file
/// Graphs over the ranks of an MPI communicator. The library works on a private duplicate of it with
/// errors returned; it never touches the world communicator or an error handler, never initialises or
/// finalises MPI, and never ends the job. Only a Session, which is for applications, does.
/// @par MPI Collective over the communicator, as each function says.
/// @par Threads The main thread under FUNNELED.

#pragma GCC visibility push(hidden)

namespace kaygraph::mpi {

/// How ranks work together. The same on all ranks.
struct RuntimeOptions {
    /// How long a rank waits for others that do not answer, before it throws a CommunicationError naming
    /// them; empty: for ever. A slow item is no stall, its rank answers meanwhile, and so it does while a node with
    /// Where::root is executed; a slow prep, post or exec of another plain node is one.
    std::optional<std::chrono::milliseconds> stall_timeout = {};
    /// Bytes of the largest message; longer ones are cut into pieces.
    std::size_t largest_message = std::size_t{256} << 20U;
};

/// Collective over `comm` in the first call for it, then local. Returns the ranks of a communicator,
/// to run graphs on.
///
/// The first call makes a private duplicate, which is kept with `comm` and freed with it, or in
/// MPI_Finalize; later calls use it again and may change the options.
/// @throws ArgumentError for a null communicator or an intercommunicator, and where MPI is not
/// initialised; CommunicationError where MPI fails, with the code `disagreement` where its reductions are wrong.
/// @par Threads The main thread under FUNNELED, one at a time under SERIALIZED. A host that calls MPI
/// from another thread while a graph runs needs MULTIPLE. With SINGLE a run has one thread a rank.
[[nodiscard]] KAYGRAPH_EXPORT Runtime runtime(MPI_Comm comm, const RuntimeOptions& options = {});

/// Local. Returns name and version of the MPI: "Open MPI v4.1.4".
[[nodiscard]] KAYGRAPH_EXPORT std::string library_name();

/// Local. Returns false where this MPI would not start in such a task: Open MPI ends a process that srun started without PMI.
[[nodiscard]] KAYGRAPH_EXPORT bool may_start_in(const LaunchedTask& task);

struct SessionOptions {
    ThreadLevel thread_level = ThreadLevel::funneled;
    RuntimeOptions runtime = {.stall_timeout = std::chrono::minutes{10}};
    /// Runs where a launcher started several tasks and MPI sees one rank in each, too: each is a job of its own.
    bool allow_lone_tasks = false;
};

/// MPI for an application that has no other use of it: initialises it, runs the application, and ends
/// it in a way that leaves no rank behind.
class KAYGRAPH_EXPORT Session {
public:
    /// Collective over all ranks of the job. Runs `body` between MPI_Init_thread and MPI_Finalize and
    /// returns its result, the greatest one of all ranks.
    ///
    /// Where a launcher started several tasks that MPI does not see, each would do the whole job: it is not run, says why on
    /// standard error, and the result is 2.
    ///
    /// On error: an exception that all ranks end with is printed once, and the result is 1. Where some
    /// rank does not arrive at the end within two seconds, the job is aborted: with 75 after a
    /// CommunicationError, else with 1.
    /// @par Threads The main thread.
    static int run(
        int argc,
        char** argv,
        FunctionRef<int(Session&)> body,
        const SessionOptions& options = {}
    );

    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// All ranks of the job.
    [[nodiscard]] const Runtime& runtime() const noexcept { return runtime_; }
    [[nodiscard]] int rank() const noexcept { return runtime_.rank(); }
    [[nodiscard]] int size() const noexcept { return runtime_.size(); }
    [[nodiscard]] bool is_root() const noexcept { return rank() == 0; }

private:
    explicit Session(Runtime runtime) noexcept : runtime_(std::move(runtime)) {}
    ~Session() = default;

    Runtime runtime_;
};

}  // namespace kaygraph::mpi

#pragma GCC visibility pop
