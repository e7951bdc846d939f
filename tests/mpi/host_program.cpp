// A scientific code that owns MPI: it splits its ranks, runs graphs on both halves at the same time, makes
// collective calls of its own, and finds everything as it left it. Communicators are counted by standing
// before MPI's own functions.
#include <kaygraph/kaygraph.hpp>
#include <kaygraph/parallel/mpi.hpp>

#include <mpi.h>
#include <omp.h>

#include <atomic>
#include <cfenv>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace kg = kaygraph;

namespace {

std::atomic<int> n_communicators{0};  // made and not freed
int n_wrong = 0;

void expect(bool is_right, const char* what) {
    if (!is_right) {
        ++n_wrong;
        int rank = 0;
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        std::fprintf(stderr, "rank %d: %s\n", rank, what);
    }
}

}  // namespace

extern "C" int MPI_Comm_dup(MPI_Comm comm, MPI_Comm* made) {
    ++n_communicators;
    return PMPI_Comm_dup(comm, made);
}
extern "C" int MPI_Comm_split(MPI_Comm comm, int color, int key, MPI_Comm* made) {
    ++n_communicators;
    return PMPI_Comm_split(comm, color, key, made);
}
extern "C" int MPI_Comm_split_type(
    MPI_Comm comm,
    int type,
    int key,
    MPI_Info info,
    MPI_Comm* made
) {
    ++n_communicators;
    return PMPI_Comm_split_type(comm, type, key, info, made);
}
extern "C" int MPI_Comm_free(MPI_Comm* comm) {
    --n_communicators;
    return PMPI_Comm_free(comm);
}

namespace {

/// What a host has set, and must find again.
struct HostState {
    std::vector<struct sigaction> signals{65};
    std::string locale = std::setlocale(LC_ALL, nullptr);
    int rounding = std::fegetround();
    int omp_threads = omp_get_max_threads();
    int omp_dynamic = omp_get_dynamic();
    int omp_levels = omp_get_max_active_levels();
    omp_sched_t schedule{};
    int chunk = 0;
    MPI_Errhandler errors = MPI_ERRHANDLER_NULL;

    HostState() {
        for (int signal = 1; signal < 65; ++signal) {
            sigaction(signal, nullptr, &signals[static_cast<std::size_t>(signal)]);
        }
        omp_get_schedule(&schedule, &chunk);
        MPI_Comm_get_errhandler(MPI_COMM_WORLD, &errors);
    }
};

void expect_unchanged(const HostState& before) {
    const HostState now;
    for (std::size_t i = 1; i < 65; ++i) {
        expect(
            now.signals[i].sa_handler == before.signals[i].sa_handler, "a signal handler changed"
        );
    }
    expect(now.locale == before.locale, "the locale changed");
    expect(now.rounding == before.rounding, "the rounding mode changed");
    expect(
        now.omp_threads == before.omp_threads && now.omp_dynamic == before.omp_dynamic
            && now.omp_levels == before.omp_levels && now.schedule == before.schedule
            && now.chunk == before.chunk,
        "a setting of OpenMP changed"
    );
    expect(now.errors == before.errors, "the error handler of the world changed");
}

struct Squares : kg::ParallelBatchNode {
    std::size_t n;
    kg::Indices prep(const kg::Store&) const { return kg::Indices{n}; }
    long exec(std::size_t i) const { return static_cast<long>(i * i); }
    void post(kg::Store& shared, const kg::BatchResult<long>& result) const {
        long sum = 0;
        for (const long square : result.values()) {
            sum += square;
        }
        shared.set("sum", sum);
    }
};

/// Runs a graph on the ranks of one half, many times, with calls of the host in between.
void run_on(MPI_Comm half, int color, int n_runs) {
    kg::Graph graph{"half " + std::to_string(color)};
    graph.add("squares", Squares{{}, 100 + 50 * static_cast<std::size_t>(color)}, {.threads = 1});
    const long expected = color == 0 ? 328350 : 1113775;
    for (int run = 0; run < n_runs; ++run) {
        kg::Store shared;
        graph.run(shared, kg::mpi::runtime(half));
        expect(shared.get<long>("sum") == expected, "a wrong sum");
        long sum = shared.get<long>("sum");
        MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_LONG, MPI_MAX, half);
        expect(sum == expected, "a wrong sum after the host's own reduction");
    }
}

void expect_refused(const std::function<void()>& call, const std::string& text) {
    try {
        call();
        expect(false, "nothing was refused");
    } catch (const kg::ArgumentError& error) {
        expect(std::string{error.what()}.find(text) != std::string::npos, error.what());
    }
}

void run_halves(int provided) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    std::setlocale(LC_ALL, "C.UTF-8");
    std::fesetround(FE_UPWARD);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    const HostState before;
    const int color = rank % 2;
    MPI_Comm half = MPI_COMM_NULL;
    MPI_Comm_split(MPI_COMM_WORLD, color, rank, &half);
    MPI_Comm other = MPI_COMM_NULL;
    MPI_Comm_dup(MPI_COMM_WORLD, &other);

    std::atomic<bool> is_done{false};
    std::thread beside;
    if (provided == MPI_THREAD_MULTIPLE) {  // the host talks while the graphs run
        beside = std::thread{[&] {
            int all_done = 0;
            while (all_done == 0) {
                int done = is_done ? 1 : 0;
                MPI_Allreduce(&done, &all_done, 1, MPI_INT, MPI_MIN, other);
                std::this_thread::sleep_for(std::chrono::milliseconds{1});
            }
        }};
    }
    run_on(half, color, provided == MPI_THREAD_MULTIPLE ? 200 : 1000);
    is_done = true;
    if (beside.joinable()) {
        beside.join();
    }
    const kg::Runtime kept = kg::mpi::runtime(half);
    MPI_Comm_free(&other);
    MPI_Comm_free(&half);
    expect(n_communicators == 0, "communicators are left");
    expect_unchanged(before);

    expect_refused([&] { (void)kg::mpi::runtime(half); }, "null");
    if (kept.size() > 1) {
        kg::Graph graph{"late"};
        graph.add("node", kg::Node{});
        kg::Store shared;
        expect_refused([&] { graph.run(shared, kept); }, "was freed");
    }
    std::fesetround(FE_TONEAREST);
}

/// MPI without threads: one thread works and talks.
void run_single() {
    kg::Graph graph{"single"};
    const auto squares = graph.add("squares", Squares{{}, 5000}, {.block = 7});
    kg::Store shared;
    const kg::Runtime world = kg::mpi::runtime(MPI_COMM_WORLD);
    const kg::RunReport report = graph.run(shared, world);
    expect(shared.get<long>("sum") == 41654167500, "a wrong sum");
    expect(report.threads == 1, "more than one thread");
    expect(
        !report.notes.empty() && report.notes[0].find("SINGLE") != std::string::npos,
        "the report does not say why"
    );
    squares.set_options({.threads = 2});
    try {
        graph.run(shared, world);
        expect(false, "threads were not refused");
    } catch (const kg::Error& error) {
        expect(std::string{error.what()}.find("FUNNELED") != std::string::npos, error.what());
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string wanted = argc > 1 ? argv[1] : "funneled";
    const int level = wanted == "multiple" ? MPI_THREAD_MULTIPLE
                      : wanted == "single" ? MPI_THREAD_SINGLE
                                           : MPI_THREAD_FUNNELED;
    expect_refused([] { (void)kg::mpi::runtime(MPI_COMM_NULL); }, "not initialised");
    int provided = 0;
    MPI_Init_thread(&argc, &argv, level, &provided);
    if (wanted == "single") {
        run_single();
    } else {
        run_halves(provided);
    }
    int all_wrong = 0;
    MPI_Allreduce(&n_wrong, &all_wrong, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Finalize();
    return all_wrong == 0 ? 0 : 1;
}
