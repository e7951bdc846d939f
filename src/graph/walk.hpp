#pragma once

#include "graph/graph_body.hpp"
#include "graph/run_state.hpp"
#include "graph/store_access.hpp"

#include <kaygraph/graph/fork.hpp>
#include <kaygraph/graph/store.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace kaygraph::detail {

/// Visits node after node, from one on until there is no successor: the one loop that does. Returns the
/// last action. Constant stack and memory, however long it goes on.
Action walk(const GraphBody& graph, std::size_t start, Store& store, const Surroundings& around);

/// What one of several concurrent walks wrote.
struct WalkWrites {
    std::string name;  ///< of the branch or parameter set, for messages
    std::vector<StoreWrite> writes;
};

/// Writes into a store what walks wrote that all started from it.
/// @throws GraphError (merge_conflict) naming every key that two walks wrote and no reducer is declared
/// for; StoreError where a reducer meets another type. The store is then unchanged.
void join_writes(
    Store& store,
    const std::vector<WalkWrites>& walks,
    const std::vector<Reducer>& reducers,
    const std::string& node
);

/// Adds the times of one path to another.
void add_path(PathTimes& to, const PathTimes& path);
/// The length of a path.
std::int64_t length_of(const PathTimes& path);

std::unique_ptr<GraphKind> make_graph_kind(GraphOptions options);
std::unique_ptr<GraphKind> make_batch_graph_kind(BatchGraphOptions options);

}  // namespace kaygraph::detail
