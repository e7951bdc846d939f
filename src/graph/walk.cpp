#include "graph/walk.hpp"

#include "graph/visit.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace kaygraph::detail {
namespace {

/// An action that no edge answers to.
void report_unknown_action(
    const GraphBody& graph,
    const NodeEntry& node,
    const Action& action,
    const Surroundings& around
) {
    std::string text = "no successor for action '" + std::string{action.name()} + "'; there are:";
    for (const Edge& edge : node.edges) {
        text += " '" + std::string{edge.action.name()} + "'";
    }
    if (graph.settings().unknown_action == UnknownAction::error) {
        throw GraphError(ErrorCode::unknown_action, text, {.node = node.path});
    }
    around.log->warn(node.path, text + "; the walk ends here");
}

/// An error between visits: of a limit, of the routing.
[[noreturn]] void rethrow_noted(const NodeEntry& node, const Surroundings& around) {
    note_failure(
        around,
        {.node = node.path,
         .phase = "walk",
         .failure = describe(std::current_exception()),
         .rank = around.run->rank()}
    );
    throw;
}

/// A walk that ends after the deadline has not ended in time.
void check_end(const NodeEntry& node, const Surroundings& around) {
    try {
        around.run->check_deadline(node.path);
    } catch (...) {
        rethrow_noted(node, around);
    }
}

/// The surroundings of a node in a walk: its own config where it has one.
Surroundings around_node(const NodeEntry& node, const Surroundings& around) {
    Surroundings own = around;
    const Config* config = node.model->config();
    if (config != nullptr && !config->empty()) {
        own.config = config;
    }
    return own;
}

/// The values that walks wrote under one key.
struct KeyWrites {
    std::vector<const WalkWrites*> by;
    std::vector<const ValuePtr*> values;
};

StoreWrite reduced(
    const std::string& key,
    const KeyWrites& writes,
    const Reducer& reducer,
    const std::string& node
) {
    ValuePtr value = *writes.values.front();
    for (std::size_t i = 0; i < writes.values.size(); ++i) {
        const ValuePtr& next = *writes.values[i];
        ValuePtr folded = !next ? ValuePtr{} : i == 0 ? next : reducer.fold(value, next);
        if (!folded) {
            throw StoreError(
                ErrorCode::wrong_type,
                "the reducer for key '" + key + "' folds values of type "
                    + std::string{reducer.type_name} + ", but '" + writes.by[i]->name
                    + (next ? "' wrote a " + std::string{next->type_name()} : "' erased it"),
                {.node = node}
            );
        }
        value = std::move(folded);
    }
    return {key, std::move(value)};
}

const Reducer* reducer_for(const std::string& key, const std::vector<Reducer>& reducers) {
    const auto found = std::find_if(reducers.begin(), reducers.end(), [&](const Reducer& reducer) {
        return reducer.key == key;
    });
    return found == reducers.end() ? nullptr : &*found;
}

}  // namespace

Action walk(const GraphBody& graph, std::size_t start, Store& store, const Surroundings& around) {
    const NodeEntry* node = &graph.node(start);
    for (;;) {
        Visit visit{*node, store, around_node(*node, around)};
        Action action = node->model->visit(visit);
        const Edge* edge = node->edge_for(action);
        if (edge == nullptr) {
            if (!node->edges.empty()) {
                try {
                    report_unknown_action(graph, *node, action, around);
                } catch (...) {
                    rethrow_noted(*node, around);
                }
            }
            check_end(*node, around);
            return action;
        }
        node = &graph.node(edge->target);
    }
}

void join_writes(
    Store& store,
    const std::vector<WalkWrites>& walks,
    const std::vector<Reducer>& reducers,
    const std::string& node
) {
    std::map<std::string, KeyWrites> keys;
    for (const WalkWrites& walk : walks) {
        for (const StoreWrite& write : walk.writes) {
            KeyWrites& writes = keys[write.key];
            writes.by.push_back(&walk);
            writes.values.push_back(&write.value);
        }
    }
    std::vector<StoreWrite> joined;
    std::string conflicts;
    for (const auto& [key, writes] : keys) {
        const Reducer* reducer = reducer_for(key, reducers);
        if (writes.by.size() == 1) {
            joined.push_back({key, *writes.values.front()});
        } else if (reducer != nullptr) {
            joined.push_back(reduced(key, writes, *reducer, node));
        } else {
            conflicts += (conflicts.empty() ? "key '" : ", key '") + key + "' by";
            for (const WalkWrites* walk : writes.by) {
                conflicts += " '" + walk->name + "'";
            }
        }
    }
    if (!conflicts.empty()) {
        throw StoreError(
            ErrorCode::merge_conflict,
            "written by several branches: " + conflicts
                + "; write different keys, or declare a reducer for it",
            {.node = node}
        );
    }
    StoreAccess::apply(store, std::move(joined));
}

void add_path(PathTimes& to, const PathTimes& path) {
    std::transform(path.begin(), path.end(), to.begin(), to.begin(), std::plus<>{});
}

std::int64_t length_of(const PathTimes& path) {
    return std::accumulate(path.begin(), path.end(), std::int64_t{0});
}

}  // namespace kaygraph::detail
