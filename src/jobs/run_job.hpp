#pragma once

#include <kaygraph/base/function_ref.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/graph/store.hpp>
#include <kaygraph/parallel/communicator.hpp>
#include <kaygraph/parallel/cores.hpp>

#include <cstddef>
#include <functional>

namespace kaygraph::jobs::detail {

/// The progress of one phase of a job, told by its name; none where nobody listens.
inline std::function<void(const Progress&)> told(
    const std::function<void(const char* phase, const Progress&)>& listener,
    const char* phase
) {
    if (!listener) {
        return {};
    }
    return [&listener, phase](const Progress& progress) {
        listener(phase, progress);
    };
}

/// Returns how many threads each rank may use in a run.
inline std::size_t threads_of(const RunOptions& run) {
    const Communicator* const ranks = run.ranks.communicator();
    if (ranks != nullptr && ranks->thread_level() == ThreadLevel::single) {
        return 1;
    }
    return run.threads.value_or(ranks != nullptr ? ranks->placement().threads : usable_cores());
}

/// Collective. Runs the graph of a job. Where it fails, each rank tidies up before the error goes on, told whether the run
/// was stopped and what it did: what cannot be tidied is not worth another error. Not where ranks have lost each
/// other: others may still be writing.
inline RunReport run_job(
    const Graph& graph,
    Store& shared,
    const RunOptions& run,
    FunctionRef<void(bool was_stopped, const RunReport& report)> tidy
) {
    RunReport report;
    RunOptions watched = run;
    if (watched.report == nullptr) {
        watched.report = &report;
    }
    const auto tidy_quietly = [&](bool was_stopped) {
        static_cast<void>(caught([&] { tidy(was_stopped, *watched.report); }));
    };
    try {
        return graph.run(shared, watched);
    } catch (const CommunicationError&) {
        throw;
    } catch (const Error& error) {
        tidy_quietly(error.code() == ErrorCode::stopped);
        throw;
    } catch (...) {
        tidy_quietly(false);
        throw;
    }
}

}  // namespace kaygraph::jobs::detail
