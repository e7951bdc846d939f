// Times one batch, over threads and ranks or by a hand-written loop; `ranks.sh` puts the figures together.
//
//     ranks_bench omp|graph uniform|skewed THREADS static|stealing
#include <kaygraph/kaygraph.hpp>
#include <kaygraph/parallel/mpi.hpp>

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>

namespace kg = kaygraph;

namespace {

constexpr std::size_t n_items = 20'000;

/// Arithmetic that no compiler takes out, and that takes the same time in every process.
double spin(std::size_t n_rounds) {
    double x = 1.0;
    for (std::size_t i = 0; i < n_rounds; ++i) {
        x = x * 0.999999 + 1e-6;
        asm volatile("" : "+x"(x));  // the compiler may know nothing of it
    }
    return x;
}

/// Rounds of an item: all alike, or by Zipf's law with the heavy ones first.
std::size_t rounds_of(std::size_t item, bool is_skewed) {
    constexpr std::size_t uniform = 30'000;
    if (!is_skewed) {
        return uniform;
    }
    static const double sum = [] {
        double total = 0;
        for (std::size_t i = 0; i < n_items; ++i) {
            total += 1.0 / static_cast<double>(i + 50);
        }
        return total;
    }();
    const double share = 1.0 / static_cast<double>(item + 50) / sum;
    return static_cast<std::size_t>(share * static_cast<double>(n_items * uniform));
}

struct Work : kg::ParallelBatchNode {
    bool is_skewed;
    kg::Indices prep(const kg::Store&) const { return kg::Indices{n_items}; }
    double exec(std::size_t item) const { return spin(rounds_of(item, is_skewed)); }
};

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double by_hand(bool is_skewed, int n_threads) {
    double sum = 0;
    const auto start = std::chrono::steady_clock::now();
#pragma omp parallel for schedule(dynamic, 4) num_threads(n_threads) reduction(+ : sum)
    for (std::size_t item = 0; item < n_items; ++item) {
        sum += spin(rounds_of(item, is_skewed));
    }
    const double elapsed = seconds_since(start);
    return sum > 0 ? elapsed : 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string how = argc > 1 ? argv[1] : "graph";
    const bool is_skewed = argc > 2 && std::string{argv[2]} == "skewed";
    const int n_threads = argc > 3 ? std::stoi(argv[3]) : 1;
    const bool is_static = argc > 4 && std::string{argv[4]} == "static";
    return kg::mpi::Session::run(argc, argv, [&](kg::mpi::Session& session) {
        double elapsed = 0;
        if (how == "omp") {
            elapsed = by_hand(is_skewed, n_threads);
        } else {
            kg::Graph graph{"bench"};
            graph.add(
                "work",
                Work{{}, is_skewed},
                {.threads = static_cast<std::size_t>(n_threads),
                 .schedule = is_static ? kg::Schedule::static_ : kg::Schedule::stealing,
                 .gather = kg::Gather::none}
            );
            kg::Store shared;
            const auto start = std::chrono::steady_clock::now();
            graph.run(shared, session.runtime());
            elapsed = seconds_since(start);
        }
        if (session.is_root()) {
            std::printf("%.6f\n", elapsed);
        }
        return 0;
    });
}
