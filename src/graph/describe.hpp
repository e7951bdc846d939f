#pragma once

#include "graph/graph_body.hpp"

#include <string>
#include <vector>

namespace kaygraph::detail {

/// A graph, what of it is run (itself or a node) and how, a line for each thing that must be the same on all ranks.
std::vector<std::string> describe_run(
    const GraphBody& graph,
    const std::string& what,
    const Params& params,
    const RunOptions& options
);

/// Collective. @throws the same error on all ranks: where one could not begin (`error`), or where ranks
/// were given different things, naming the first difference.
void agree_on_start(
    Communicator& ranks,
    const std::string& graph,
    const std::vector<std::string>& description,
    const std::exception_ptr& error
);

}  // namespace kaygraph::detail
