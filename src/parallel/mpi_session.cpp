// The only source file that may begin and end MPI, and end the job: for applications.
#include <kaygraph/parallel/agreement.hpp>
#include <kaygraph/parallel/mpi.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <utility>

namespace kaygraph::mpi {
namespace {

constexpr int try_again_later = 75;  // EX_TEMPFAIL of sysexits.h: the machine failed, not the job

int mpi_level(ThreadLevel level) {
    switch (level) {
        case ThreadLevel::single:
            return MPI_THREAD_SINGLE;
        case ThreadLevel::funneled:
            return MPI_THREAD_FUNNELED;
        case ThreadLevel::serialized:
            return MPI_THREAD_SERIALIZED;
        case ThreadLevel::multiple:
            return MPI_THREAD_MULTIPLE;
    }
    return MPI_THREAD_FUNNELED;
}

/// How one rank ended.
struct End {
    int result = 0;
    std::string message = {};  ///< of an exception
    bool is_machine = false;   ///< ranks cannot reach each other
};

/// Waits for all ranks, so long at most. Returns the least values of all, or false.
bool all_arrive(std::uint64_t (&words)[4], std::chrono::milliseconds longest) {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Iallreduce(MPI_IN_PLACE, words, 4, MPI_UINT64_T, MPI_MIN, MPI_COMM_WORLD, &request);
    const auto until = std::chrono::steady_clock::now() + longest;
    int done = 0;
    while (MPI_Test(&request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && done == 0
           && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
    return done != 0;
}

/// All ranks end together, or the job is aborted.
int end_together(int rank, const End& end, std::chrono::milliseconds longest) {
    constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
    const bool failed = !end.message.empty();
    const std::uint64_t hash = std::hash<std::string>{}(end.message);
    std::uint64_t words[4] = {
        // NOLINT(modernize-avoid-c-arrays): MPI takes an array
        failed ? static_cast<std::uint64_t>(rank) : none,
        failed ? hash : none,
        failed ? ~hash : none,
        ~static_cast<std::uint64_t>(static_cast<unsigned>(end.result) & 0xffU)};
    const bool together =
        !end.is_machine && all_arrive(words, failed ? std::chrono::milliseconds{2000} : longest);
    const bool is_same_error = together && words[1] == ~words[2];
    const bool is_first = together && words[0] == static_cast<std::uint64_t>(rank);
    if (failed && (!is_same_error || is_first)) {
        const std::string place = is_same_error ? "" : "rank " + std::to_string(rank) + ": ";
        std::fprintf(stderr, "%s%s\n", place.c_str(), end.message.c_str());
    }
    if (!together) {
        std::fflush(nullptr);
        MPI_Abort(MPI_COMM_WORLD, end.is_machine ? try_again_later : 1);
    }
    MPI_Finalize();
    return static_cast<int>(~words[3] & 0xffU);
}

}  // namespace

int Session::run(
    int argc,
    char** argv,
    FunctionRef<int(Session&)> body,
    const SessionOptions& options
) {
    int provided = MPI_THREAD_SINGLE;
    MPI_Init_thread(&argc, &argv, mpi_level(options.thread_level), &provided);
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    const End end = [&]() -> End {
        Runtime ranks;
        try {
            ranks = mpi::runtime(MPI_COMM_WORLD, options.runtime);
            Session session{ranks};
            return {body(session)};
        } catch (const CommunicationError& error) {
            return {1, error.what(), true};
        } catch (const std::exception& error) {
            return {1, text_with_place(error, ranks)};
        } catch (...) {
            return {1, "an exception that is no std::exception"};
        }
    }();
    const auto forever = std::chrono::hours{24 * 365};
    return end_together(rank, end, options.runtime.stall_timeout.value_or(forever));
}

}  // namespace kaygraph::mpi
