// The only source file that knows OpenMP. Inside a team it asks the runtime nothing, as omp_get_thread_num() would: in a process
// with two runtimes, of a library by clang and a program by gcc, it may be the other one that answers.
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
    const std::thread::id caller = std::this_thread::get_id();
    std::atomic<std::size_t> next{1};
#pragma omp parallel num_threads(as_int(n_workers)) default(none) \
    shared(errors, worker, n_workers, caller, next)
    {
        // Not a worksharing loop: its implicit barrier and bookkeeping buy nothing here.
        for (std::size_t w = std::this_thread::get_id() == caller ? 0 : next++; w < n_workers;
             w = next++) {
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
    const std::thread::id caller = std::this_thread::get_id();
    std::atomic<std::size_t> n_there{0};
    std::atomic<std::size_t> next{0};
#pragma omp parallel num_threads(as_int(n_workers + 1)) default(none) \
    shared(errors, worker, lead, n_workers, caller, n_there, next)
    {
        ++n_there;
#pragma omp barrier
        if (n_there > 1 && std::this_thread::get_id() == caller) {
            errors[0] = caught([&] { lead(); });
        } else if (n_there > 1) {
            for (std::size_t w = next++; w < n_workers; w = next++) {
                errors[w + 1] = caught([&] { worker(w); });
            }
        }
    }
    return n_there > 1;
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
