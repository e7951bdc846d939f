#pragma once

#include <kaygraph/kaygraph.hpp>
#include <kaygraph/parallel/communicator.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// @file
/// How the command starts and ends: alone or on the ranks of a job, and with which exit code.

namespace command {

enum Exit : int {
    complete = 0,
    failed = 1,
    usage = 2,
    too_many_rejects = 3,
    bad_input = 65,  ///< EX_DATAERR of sysexits.h
    io_failed = 74,  ///< EX_IOERR
    stopped = 75,    ///< EX_TEMPFAIL: run the same command again
};

/// A file that is opened later must not get the number of a standard stream that the caller has closed: it is opened here,
/// the wrong way round, so that its use is an error.
void open_standard_streams();

/// Returns the exit code for what went wrong.
int exit_code(kaygraph::ErrorCode code) noexcept;

/// Returns whether this process speaks for its job: it is alone, or rank 0 by what its launcher says.
bool is_spokesman();

/// Returns why this process does not see the other tasks that its launcher started; empty where it does, or is the only one.
std::string lone_task(const kaygraph::Runtime& ranks);

/// How the processes of a job work together.
struct Together {
    std::optional<double> stall_timeout =
        {};                   ///< seconds that a rank waits for the others; 0: for ever; none: 600
    bool alone = false;       ///< this one works by itself, whatever launcher started it
    bool lone_tasks = false;  ///< the verb may run in tasks that do not see each other
};

/// Runs a verb on all ranks of the job; in this process alone where no launcher started others, without MPI,
/// whose start takes a third of a second, and which starts only once in a task of mpirun. Tasks of one launcher that do not see each other are refused. Errors of the
/// library are told once, on standard error.
int run_on_ranks(
    int argc,
    char** argv,
    std::string_view verb,
    const Together& together,
    const std::function<int(const kaygraph::Runtime&)>& body
);

/// Returns "1 text", "2 texts".
std::string counted(std::uint64_t n, std::string_view what);

/// Returns "2 ranks x 4 threads on 1 node, SIMD avx512", and leaves what to mend in `hints`.
std::string resources(
    const kaygraph::Runtime& ranks,
    std::optional<std::size_t> threads,
    std::vector<std::string>& hints
);

/// A log that writes on standard error what is at least so grave, on rank 0.
kaygraph::Log log_of(
    const kaygraph::Runtime& ranks,
    kaygraph::LogLevel least = kaygraph::LogLevel::warning
);

}  // namespace command
