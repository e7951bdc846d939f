// What a graph must be before it runs. All faults are found, not the first.
#include "graph/graph_body.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

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

/// Calls `use(target)` for each node that an action of a node leads to.
template <class Use>
void for_each_target(const NodeEntry& node, const Use& use) {
    for (const Edge& edge : node.edges) {
        use(edge.target);
    }
}

/// Which nodes are in which branches, found in one pass over the edges. A region is the graph outside of
/// forks, or a branch; a sound branch is entered at its start alone and never left, so each node is in one
/// region. A fork is suspected where a node is in two regions and the fork parts them; only then are its
/// branches looked at one by one.
class Regions {
public:
    explicit Regions(const GraphBody& graph)
        : graph_(graph), region_of_(graph.nodes().size(), none), suspects_(graph.nodes().size()) {
        regions_.push_back({.parent = none, .fork = none, .depth = 0});
        if (graph.start()) {
            spread_from(*graph.start());
        }
        reached_ = region_of_;
        for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
            spread_from(i);  // what cannot be reached is judged, too
        }
    }

    [[nodiscard]] bool is_reached(std::size_t node) const { return reached_[node] != none; }
    [[nodiscard]] bool is_suspect(std::size_t fork) const { return suspects_[fork]; }
    /// How many forks are around a node.
    [[nodiscard]] std::size_t depth(std::size_t node) const {
        return regions_[region_of_[node]].depth;
    }

private:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    struct Region {
        std::size_t parent;
        std::size_t fork;  // whose branch it is
        std::size_t depth;
    };

    void spread_from(std::size_t start) {
        if (region_of_[start] != none) {
            return;
        }
        enter(start, 0);
        while (!to_visit_.empty()) {
            const std::size_t index = to_visit_.back();
            to_visit_.pop_back();
            const NodeEntry& node = graph_.node(index);
            const std::size_t region = region_of_[index];
            for_each_target(node, [&](std::size_t target) { enter(target, region); });
            if (const ForkPlan* fork = node.model->fork()) {
                for (const std::size_t branch : fork->branches) {
                    regions_.push_back(
                        {.parent = region, .fork = index, .depth = regions_[region].depth + 1}
                    );
                    enter(branch, regions_.size() - 1);
                }
            }
        }
    }

    void enter(std::size_t node, std::size_t region) {
        if (region_of_[node] == none) {
            region_of_[node] = region;
            to_visit_.push_back(node);
        } else {
            suspect_between(region, region_of_[node]);
        }
    }

    /// The forks around one region, or the other, but not around both.
    void suspect_between(std::size_t a, std::size_t b) {
        while (a != b) {
            std::size_t& inner = regions_[a].depth >= regions_[b].depth ? a : b;
            suspects_[regions_[inner].fork] = true;
            inner = regions_[inner].parent;
        }
    }

    const GraphBody& graph_;
    std::vector<Region> regions_;
    std::vector<std::size_t> region_of_;
    std::vector<std::size_t> reached_;  // region_of_ after the walk from the start
    std::vector<bool> suspects_;
    std::vector<std::size_t> to_visit_;
};

void check_reached(
    const GraphBody& graph,
    const Regions& regions,
    std::vector<std::string>& faults
) {
    if (!graph.start()) {
        faults.push_back("there is no node to start at; add one");
        return;
    }
    const std::string start = quoted(graph.node(*graph.start()).name);
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
        if (!regions.is_reached(i)) {
            faults.push_back(unreachable(quoted(graph.node(i).name), start));
        }
    }
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

/// The branches of one fork, each coloured from its start on; two colours meet where branches share a node.
class ForkCheck {
public:
    ForkCheck(const GraphBody& graph, std::size_t index, const ForkPlan& fork)
        : graph_(graph),
          index_(index),
          fork_(fork),
          sentences_{quoted(graph.node(index).name)},
          colours_(graph.nodes().size(), none) {}

    void run(std::vector<std::string>& faults) {
        to_visit_.clear();
        for_each_target(graph_.node(index_), [&](std::size_t target) { meet(target, after_join); });
        colour_all(after_join);  // a loop may come back to the fork
        comes_back_ = false;
        for (std::size_t branch = 0; branch < fork_.branches.size(); ++branch) {
            comes_back_ = false;
            met_.clear();
            meet(fork_.branches[branch], branch);
            colour_all(branch);
            report(branch, faults);
        }
    }

private:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t after_join = none - 1;

    void colour_all(std::size_t colour) {
        while (!to_visit_.empty()) {
            const NodeEntry& node = graph_.node(to_visit_.back());
            to_visit_.pop_back();
            const auto enter = [&](std::size_t target) {
                meet(target, colour);
            };
            for_each_target(node, enter);
            if (const ForkPlan* fork = node.model->fork()) {
                std::for_each(fork->branches.begin(), fork->branches.end(), enter);
            }
        }
    }

    void meet(std::size_t node, std::size_t colour) {
        if (node == index_) {
            comes_back_ = true;
        } else if (colours_[node] == none) {
            colours_[node] = colour;
            to_visit_.push_back(node);
        } else if (colours_[node] != colour) {
            const auto [met, is_new] = met_.emplace(colours_[node], node);
            met->second = std::min(met->second, node);
        }
    }

    void report(std::size_t branch, std::vector<std::string>& faults) const {
        const auto name_of = [&](std::size_t node) -> const std::string& {
            return graph_.node(node).name;
        };
        const std::string& own = name_of(fork_.branches[branch]);
        const auto after = met_.find(after_join);
        if (comes_back_) {
            faults.push_back(sentences_.comes_back(own));
        } else if (after != met_.end()) {
            faults.push_back(sentences_.passes_join(own, name_of(after->second)));
        }
        for (const auto& [other, node] : met_) {
            if (other != after_join) {
                faults.push_back(sentences_.meet(name_of(fork_.branches[other]), own, name_of(node))
                );
            }
        }
    }

    const GraphBody& graph_;
    const std::size_t index_;
    const ForkPlan& fork_;
    const ForkFaults sentences_;
    std::vector<std::size_t> colours_;
    std::vector<std::size_t> to_visit_;
    bool comes_back_ = false;
    std::map<std::size_t, std::size_t> met_;  // colour -> the first node of it
};

void check_fork(
    const GraphBody& graph,
    std::size_t index,
    const ForkPlan& fork,
    const Regions& regions,
    std::vector<std::string>& faults
) {
    for (const Edge& edge : graph.node(index).edges) {
        if (!edge.action.is_default()) {
            faults.push_back(ForkFaults{quoted(graph.node(index).name)}.has_actions(edge.action));
        }
    }
    if (regions.is_suspect(index)) {
        ForkCheck{graph, index, fork}.run(faults);
    }
}

void check_journaling(const NodeEntry& node, std::vector<std::string>& faults) {
    const ParallelBatchOptions* options = node.model->parallel();
    if (options != nullptr && options->ledger != nullptr && options->sink == nullptr) {
        faults.push_back("node " + quoted(node.name) + " has a ledger but no sink; what is journaled as done must have been written, give it a sink");
    }
}

}  // namespace

std::size_t GraphBody::nesting() const {
    const Regions regions{*this};
    std::size_t deepest = 0;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const GraphBody* inner = node(i).model->graph();
        const std::size_t inside = inner == nullptr ? 0 : 1 + inner->nesting();
        deepest = std::max(deepest, regions.depth(i) + inside);
    }
    return deepest;
}

std::vector<std::string> GraphBody::faults() const {
    std::vector<std::string> faults = wiring_faults_;
    check_names(*this, faults);
    const Regions regions{*this};
    check_reached(*this, regions, faults);
    if (parent_ == nullptr && nesting() > max_nesting) {
        faults.push_back(
            "forks and graphs are nested deeper than " + std::to_string(max_nesting)
            + " levels; lead on behind a join instead of forking inside a branch"
        );
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (const ForkPlan* fork = node(i).model->fork()) {
            check_fork(*this, i, *fork, regions, faults);
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
