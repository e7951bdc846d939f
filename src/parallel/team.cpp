// The only source file that knows OpenMP.
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/parallel/team.hpp>

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

int as_int(std::size_t n_threads) {
    return static_cast<int>(std::min<std::size_t>(n_threads, INT_MAX));
}

/// An exception may not leave a parallel region: each worker's is kept, and the first one thrown behind it.
void raise_first(std::vector<std::exception_ptr>& errors) {
    for (std::exception_ptr& error : errors) {
        if (error) {
            std::rethrow_exception(std::move(error));
        }
    }
}

}  // namespace

void run_team(std::size_t n_workers, FunctionRef<void(std::size_t worker)> worker) {
    if (n_workers == 0) {
        return;
    }
    if (n_workers == 1) {
        worker(0);
        return;
    }
    std::vector<std::exception_ptr> errors(n_workers);
#pragma omp parallel num_threads(as_int(n_workers)) default(none) shared(errors, worker, n_workers)
    {
        // Not a worksharing loop: its implicit barrier and bookkeeping buy nothing here.
        const auto team_size = static_cast<std::size_t>(omp_get_num_threads());
        for (auto w = static_cast<std::size_t>(omp_get_thread_num()); w < n_workers;
             w += team_size) {
            errors[w] = caught([&] { worker(w); });
        }
    }
    raise_first(errors);
}

namespace {

/// As run_beside, on a team of the OpenMP runtime.
bool run_beside_on_team(
    std::size_t n_workers,
    FunctionRef<void(std::size_t worker)> worker,
    FunctionRef<void()> lead,
    std::vector<std::exception_ptr>& errors
) {
    bool is_granted = true;
#pragma omp parallel num_threads(as_int(n_workers + 1)) default(none) \
    shared(errors, worker, lead, n_workers, is_granted)
    {
        const auto team_size = static_cast<std::size_t>(omp_get_num_threads());
        const auto thread = static_cast<std::size_t>(omp_get_thread_num());
        if (team_size == 1) {
            is_granted = false;
        } else if (thread == 0) {
            errors[0] = caught([&] { lead(); });
        } else {
            for (std::size_t w = thread - 1; w < n_workers; w += team_size - 1) {
                errors[w + 1] = caught([&] { worker(w); });
            }
        }
    }
    return is_granted;
}

/// As run_beside, on threads of its own.
bool run_beside_on_threads(
    std::size_t n_workers,
    FunctionRef<void(std::size_t worker)> worker,
    FunctionRef<void()> lead,
    std::vector<std::exception_ptr>& errors
) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t w = next++; w < n_workers; w = next++) {
            errors[w + 1] = caught([&] { worker(w); });
        }
    };
    std::vector<std::jthread> threads;
    try {
        while (threads.size() < n_workers) {
            threads.emplace_back(work);
        }
    } catch (const std::system_error&) {  // those there are do it all
    }
    if (threads.empty()) {
        return false;
    }
    errors[0] = caught([&] { lead(); });
    return true;
}

}  // namespace

bool run_beside(
    std::size_t n_workers,
    FunctionRef<void(std::size_t worker)> worker,
    FunctionRef<void()> lead
) {
    std::vector<std::exception_ptr> errors(n_workers + 1);
    // The threads of an OpenMP runtime spin for milliseconds when they have nothing to do, on the cores that
    // the leading threads need. Where the host has bound them to places each has a core, and they keep it.
    const bool is_granted = omp_get_proc_bind() == omp_proc_bind_false
                                ? run_beside_on_threads(n_workers, worker, lead, errors)
                                : run_beside_on_team(n_workers, worker, lead, errors);
    raise_first(errors);
    return is_granted;
}

}  // namespace kaygraph
