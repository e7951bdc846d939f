// What a graph must be before it runs. All faults are found, not the first.
#include "graph/graph_body.hpp"

#include <algorithm>
#include <map>

namespace kaygraph::detail {
namespace {

std::string quoted(const std::string& name) {
    return "'" + name + "'";
}

/// Names: there, unique, and without the sign that separates them in paths.
void check_names(const GraphBody& graph, std::vector<std::string>& faults) {
    std::map<std::string, int> times;
    for (const auto& node : graph.nodes()) {
        if (node->name.empty()) {
            faults.push_back("a node has no name; give each a unique one");
        } else if (node->name.find('/') != std::string::npos) {
            faults.push_back(
                "node " + quoted(node->name)
                + " has a '/' in its name; it separates names of nested graphs, use another sign"
            );
        }
        if (++times[node->name] == 2 && !node->name.empty()) {
            faults.push_back(
                "there are several nodes named " + quoted(node->name) + "; give each a unique name"
                + (node->model->fork() != nullptr ? ", a fork with named()" : "")
            );
        }
    }
}

std::string unreachable(const std::string& node, const std::string& start) {
    return "node " + node + " cannot be reached from the start " + start
           + "; lead an action to it, or take it out";
}

void check_reached(const GraphBody& graph, std::vector<std::string>& faults) {
    if (!graph.start()) {
        faults.push_back("there is no node to start at; add one");
        return;
    }
    const std::string start = quoted(graph.node(*graph.start()).name);
    const std::vector<bool> reached = reachable(graph, {*graph.start()});
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
        if (!reached[i]) {
            faults.push_back(unreachable(quoted(graph.node(i).name), start));
        }
    }
}

/// The first node in both sets.
std::optional<std::size_t> first_common(const std::vector<bool>& a, const std::vector<bool>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] && b[i]) {
            return i;
        }
    }
    return std::nullopt;
}

/// The sentences about forks.
struct ForkFaults {
    std::string fork;

    [[nodiscard]] std::string has_actions(const Action& action) const {
        return "fork " + fork + " has an edge for action " + quoted(std::string{action.name()})
               + "; a join has only the default action";
    }
    [[nodiscard]] std::string comes_back(const std::string& branch) const {
        return "branch " + quoted(branch) + " of fork " + fork
               + " comes back to the fork; put the loop around the fork, behind its join";
    }
    [[nodiscard]] std::string passes_join(const std::string& branch, const std::string& node)
        const {
        return "branch " + quoted(branch) + " of fork " + fork + " runs into " + quoted(node)
               + ", which comes after the join; leave the last node of a branch without a "
                 "successor";
    }
    [[nodiscard]] std::string meet(
        const std::string& one,
        const std::string& other,
        const std::string& node
    ) const {
        return "branches " + quoted(one) + " and " + quoted(other) + " of fork " + fork
               + " meet at " + quoted(node) + "; branches share no node, lead on behind the join";
    }
};

void check_fork(
    const GraphBody& graph,
    std::size_t index,
    const ForkPlan& fork,
    std::vector<std::string>& faults
) {
    const ForkFaults sentences{quoted(graph.node(index).name)};
    std::vector<std::size_t> after;
    for (const Edge& edge : graph.node(index).edges) {
        if (!edge.action.is_default()) {
            faults.push_back(sentences.has_actions(edge.action));
        }
        after.push_back(edge.target);
    }
    const std::vector<bool> behind_join = reachable(graph, after, index);  // a loop may come back
    std::vector<std::vector<bool>> reached;
    for (const std::size_t start : fork.branches) {
        reached.push_back(reachable(graph, {start}));
        const std::string& branch = graph.node(start).name;
        if (reached.back()[index]) {
            faults.push_back(sentences.comes_back(branch));
        } else if (const auto node = first_common(reached.back(), behind_join)) {
            faults.push_back(sentences.passes_join(branch, graph.node(*node).name));
        }
        for (std::size_t i = 0; i + 1 < reached.size(); ++i) {
            if (const auto node = first_common(reached.back(), reached[i])) {
                const std::string& other = graph.node(fork.branches[i]).name;
                faults.push_back(sentences.meet(other, branch, graph.node(*node).name));
            }
        }
    }
}

void check_journaling(const NodeEntry& node, std::vector<std::string>& faults) {
    const ParallelBatchOptions* options = node.model->parallel();
    if (options != nullptr && options->ledger != nullptr && options->sink == nullptr) {
        faults.push_back("node " + quoted(node.name) + " has a ledger but no sink; what is journaled as done must have been written, give it a sink");
    }
}

}  // namespace

std::vector<bool> reachable(
    const GraphBody& graph,
    const std::vector<std::size_t>& from,
    std::optional<std::size_t> not_through
) {
    std::vector<bool> reached(graph.nodes().size(), false);
    std::vector<std::size_t> to_visit = from;
    while (!to_visit.empty()) {
        const std::size_t index = to_visit.back();
        to_visit.pop_back();
        if (reached[index] || index == not_through) {
            continue;
        }
        reached[index] = true;
        const NodeEntry& node = graph.node(index);
        for (const Edge& edge : node.edges) {
            to_visit.push_back(edge.target);
        }
        if (const ForkPlan* fork = node.model->fork()) {
            to_visit.insert(to_visit.end(), fork->branches.begin(), fork->branches.end());
        }
    }
    return reached;
}

std::vector<std::string> GraphBody::faults() const {
    std::vector<std::string> faults = wiring_faults_;
    check_names(*this, faults);
    check_reached(*this, faults);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (const ForkPlan* fork = node(i).model->fork()) {
            check_fork(*this, i, *fork, faults);
        }
        add_node_faults(node(i), faults);
    }
    return faults;
}

void add_node_faults(const NodeEntry& node, std::vector<std::string>& faults) {
    check_journaling(node, faults);
    if (const GraphBody* inner = node.model->graph()) {
        for (const std::string& fault : inner->faults()) {
            faults.push_back("in graph '" + node.name + "': " + fault);
        }
    }
}

}  // namespace kaygraph::detail
