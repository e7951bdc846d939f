// The only source file that may begin and end MPI, and end the job: for applications.
#include "parallel/signed_order.hpp"

#include <kaygraph/parallel/agreement.hpp>
#include <kaygraph/parallel/mpi.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace kaygraph::mpi {
namespace {

constexpr int try_again_later = 75;  // EX_TEMPFAIL of sysexits.h: the machine failed, not the job
constexpr int usage = 2;

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
    int abort_code = 0;        ///< where ranks cannot agree on an end: not 0
};

using Words = std::array<std::uint64_t, 4>;

/// Waits for all ranks, so long at most. Returns the least values of all, or false.
bool all_arrive(Words& words, std::chrono::milliseconds longest) {
    static std::array<std::int64_t, 4>
        least;  // where not all arrive, MPI may write into it for ever
    std::transform(words.begin(), words.end(), least.begin(), to_signed_order);
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Iallreduce(MPI_IN_PLACE, least.data(), 4, MPI_INT64_T, MPI_MIN, MPI_COMM_WORLD, &request);
    const auto until = std::chrono::steady_clock::now() + longest;
    int done = 0;
    while (MPI_Test(&request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && done == 0
           && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
    std::transform(least.begin(), least.end(), words.begin(), from_signed_order);
    return done != 0;
}

/// All ranks end together, or the job is aborted.
int end_together(int rank, const End& end, std::chrono::milliseconds longest) {
    constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
    const bool failed = !end.message.empty();
    const std::uint64_t hash = std::hash<std::string>{}(end.message);
    Words words{
        failed ? static_cast<std::uint64_t>(rank) : none,
        failed ? hash : none,
        failed ? ~hash : none,
        ~static_cast<std::uint64_t>(static_cast<unsigned>(end.result) & 0xffU)};
    const bool together = end.abort_code == 0
                          && all_arrive(words, failed ? std::chrono::milliseconds{2000} : longest);
    const bool is_same_error = together && words[1] == ~words[2];
    const bool is_first = together && words[0] == static_cast<std::uint64_t>(rank);
    if (failed && (!is_same_error || is_first)) {
        const std::string place = is_same_error ? "" : "rank " + std::to_string(rank) + ": ";
        std::fprintf(stderr, "%s%s\n", place.c_str(), end.message.c_str());
    }
    if (!together) {
        std::fflush(nullptr);
        MPI_Abort(MPI_COMM_WORLD, end.abort_code != 0 ? end.abort_code : 1);
    }
    MPI_Finalize();
    return static_cast<int>(~words[3] & 0xffU);
}

/// Says why tasks that do not see each other are not run; each says it, as none knows of another.
int refused(const LaunchedTask& task, int n_ranks) {
    std::fprintf(stderr, "%s\n", describe_lone_task(task, n_ranks, library_name()).c_str());
    return usage;
}

}  // namespace

std::string library_name() {
    std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
    int length = 0;
    MPI_Get_library_version(text.data(), &length);
    std::string name{text.data(), static_cast<std::size_t>(length)};
    name.resize(std::min(name.find_first_of(",\n"), name.size()));
    const std::string_view title = "MPICH Version:";  // and a tab
    if (name.rfind(title, 0) == 0) {
        name = "MPICH "
               + name.substr(std::min(name.find_first_not_of(" \t", title.size()), name.size()));
    }
    return name;
}

bool may_start_in(const LaunchedTask& task) {
#ifdef OPEN_MPI
    const auto is_set = [](const char* variable) {
        return std::getenv(variable) != nullptr;  // NOLINT(concurrency-mt-unsafe)
    };
    return task.launcher.rfind("srun", 0) != 0 || is_set("PMIX_RANK") || is_set("PMI_RANK");
#else
    static_cast<void>(task);
    return true;
#endif
}

int Session::run(
    int argc,
    char** argv,
    FunctionRef<int(Session&)> body,
    const SessionOptions& options
) {
    const std::optional<LaunchedTask> task = launched_task();
    if (task && task->n_tasks > 1 && !may_start_in(*task)) {
        return refused(*task, 1);
    }
    int provided = MPI_THREAD_SINGLE;
    MPI_Init_thread(&argc, &argv, mpi_level(options.thread_level), &provided);
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    int n_ranks = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &n_ranks);
    if (!options.allow_lone_tasks && task && task->n_tasks > 1 && n_ranks == 1) {
        MPI_Finalize();
        return refused(*task, n_ranks);
    }
    const End end = [&]() -> End {
        Runtime ranks;
        try {
            ranks = mpi::runtime(MPI_COMM_WORLD, options.runtime);
            Session session{ranks};
            return {body(session)};
        } catch (const CommunicationError& error) {
            const bool may_pass = error.code() == ErrorCode::communication;
            return {1, error.what(), may_pass ? try_again_later : 1};
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
