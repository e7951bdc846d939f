// The command. Public headers only: what it can do, a program of yours can.
#include <kaygraph/kaygraph.hpp>
#ifdef KAYGRAPH_WITH_MPI
#    include <kaygraph/parallel/mpi.hpp>
#endif

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace kg = kaygraph;

namespace {

constexpr int usage_error = 2;

/// The widest vector instructions of this machine.
const char* simd_level() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        return "AVX-512";
    }
    return __builtin_cpu_supports("avx2") ? "AVX2" : "SSE2";
#elif defined(__aarch64__)
    return "NEON";
#else
    return "none";
#endif
}

std::string cores_of(const std::vector<std::size_t>& cores) {
    std::string text;
    for (std::size_t i = 0; i < cores.size();) {
        std::size_t last = i;
        while (last + 1 < cores.size() && cores[last + 1] == cores[last] + 1) {
            ++last;
        }
        text += (text.empty() ? "" : ",") + std::to_string(cores[i])
                + (last > i ? "-" + std::to_string(cores[last]) : "");
        i = last + 1;
    }
    return text;
}

void print(const std::string& what, const std::string& value) {
    std::cout << what << std::string(16 - std::min<std::size_t>(what.size(), 15), ' ') << value
              << "\n";
}

void print_build() {
    print("kaygraph", std::string{kg::version()});
#ifdef __clang__
    print("compiler", "clang " __clang_version__);
#else
    print("compiler", "gcc " __VERSION__);
#endif
    print("SIMD", simd_level());
}

#ifdef KAYGRAPH_WITH_MPI
void print_ranks(const kg::mpi::Session& session) {
    std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> library{};
    int length = 0;
    MPI_Get_library_version(library.data(), &length);
    const std::string text{library.data(), static_cast<std::size_t>(length)};
    print("MPI", text.substr(0, text.find_first_of(",\n")));
    print("MPI threads", std::string{to_string(session.runtime().communicator()->thread_level())});
}
#endif

/// Tells of the build, the ranks and their places; every rank calls it.
int show_info(const kg::Runtime& ranks) {
    const kg::RankPlace here = kg::this_place();
    kg::Placement placement = kg::place_ranks({here}, 0);
    if (const kg::Communicator* all = ranks.communicator()) {
        placement = all->placement();
    }
    if (ranks.rank() != 0) {
        return 0;
    }
    print(
        "ranks",
        std::to_string(ranks.size()) + " on " + std::to_string(placement.n_nodes)
            + (placement.n_nodes == 1 ? " node" : " nodes") + ", "
            + std::to_string(placement.ranks_on_node) + " on " + placement.host
    );
    print("cores", std::to_string(placement.cores) + " of rank 0: " + cores_of(here.cores));
    print("threads", std::to_string(placement.threads) + " a rank");
    print("binding", placement.is_bound_to_one_core ? "to one core" : "to none, or several cores");
    for (const std::string& hint : placement.hints(placement.threads)) {
        print("hint", hint);
    }
    return 0;
}

int run_info(int argc, char** argv) {
#ifdef KAYGRAPH_WITH_MPI
    return kg::mpi::Session::run(argc, argv, [](kg::mpi::Session& session) {
        if (session.is_root()) {
            print_build();
            print_ranks(session);
        }
        return show_info(session.runtime());
    });
#else
    static_cast<void>(argc);
    static_cast<void>(argv);
    print_build();
    print("MPI", "none in this build");
    return show_info({});
#endif
}

int run_command(int argc, char** argv) {
    CLI::App app{"Batch jobs on CPU clusters: the same bytes for any number of ranks and threads."};
    app.set_version_flag("--version", std::string{kg::version()});
    app.require_subcommand(1);
    app.footer("Each verb tells more: kaygraph info --help");
    CLI::App* info = app.add_subcommand("info", "Tell of this build, its ranks, threads and cores");
    info->footer(
        "Examples:\n"
        "  kaygraph info\n"
        "  mpirun -n 2 --bind-to none kaygraph info    where the ranks of a job are"
    );
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : usage_error;
    }
    return info->parsed() ? run_info(argc, argv) : usage_error;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run_command(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "kaygraph: " << error.what() << "\n";
        return 1;
    }
}
