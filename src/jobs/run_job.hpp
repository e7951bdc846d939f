#pragma once

#include <kaygraph/base/function_ref.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/store.hpp>
#include <kaygraph/parallel/communicator.hpp>

namespace kaygraph::jobs::detail {

/// Collective. Runs the graph of a job. Where it fails, rank 0 cleans up before the error goes on: what cannot be removed is not worth
/// another error. Not where ranks have lost each other: others may still be writing.
inline RunReport run_job(
    const Graph& graph,
    Store& shared,
    const RunOptions& run,
    FunctionRef<void()> clean_up
) {
    try {
        return graph.run(shared, run);
    } catch (const CommunicationError&) {
        throw;
    } catch (...) {
        if (run.ranks.rank() == 0) {
            static_cast<void>(caught([&] { clean_up(); }));
        }
        throw;
    }
}

}  // namespace kaygraph::jobs::detail
