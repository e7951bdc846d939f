#include "graph/graph_body.hpp"

#include <algorithm>
#include <utility>

namespace kaygraph::detail {

GraphBody::GraphBody(std::string name, GraphSettings settings, std::unique_ptr<GraphKind> kind)
    : name_(std::move(name)), settings_(std::move(settings)), kind_(std::move(kind)) {}

NodeHandle GraphBody::add(std::string name, std::unique_ptr<NodeModel> model) {
    auto entry = std::make_unique<NodeEntry>();
    entry->path = name;
    entry->name = std::move(name);
    entry->model = std::move(model);
    nodes_.push_back(std::move(entry));
    if (!start_) {
        start_ = 0;
    }
    changed();
    return {this, nodes_.size() - 1};
}

void GraphBody::check_takes(const GraphBody& graph) const {
    if (graph.n_inside_ >= max_nesting) {
        throw ArgumentError(
            "graph '" + name_ + "': graphs are nested deeper than " + std::to_string(max_nesting)
            + " levels; a walk takes stack for each, so chain nodes instead"
        );
    }
}

NodeHandle GraphBody::add_graph(std::string name, std::unique_ptr<GraphBody> graph) {
    n_inside_ = std::max(n_inside_, 1 + graph->n_inside_);
    graph->parent_ = this;
    return add(std::move(name), std::make_unique<GraphModel>(std::move(graph)));
}

NodeHandle GraphBody::add_fork(const Fork& fork) {
    ForkPlan plan{.graph = this, .branches = {}, .reducers = fork.reducers()};
    std::string name = fork.name();
    const bool is_named = !name.empty();
    for (const NodeHandle& branch : fork.branches()) {
        if (!owns(branch)) {
            wiring_faults_.push_back(
                "a fork starts a branch at '" + std::string{branch.name()}
                + "', a node of another graph; a branch stays in its graph"
            );
            continue;
        }
        plan.branches.push_back(index_of(branch));
        if (!is_named) {
            name += (name.empty() ? "fork(" : ", ") + std::string{branch.name()};
        }
    }
    if (!is_named) {
        name += ")";
    }
    const std::optional<std::size_t> start = start_;  // a fork is wired behind a node, never first
    NodeHandle handle = add(std::move(name), make_fork_model(std::move(plan)));
    start_ = start;
    return handle;
}

void GraphBody::connect(std::size_t from, const Action& action, const NodeHandle& to) {
    NodeEntry& entry = node(from);
    changed();
    if (!owns(to)) {
        wiring_faults_.push_back(
            "action '" + std::string{action.name()} + "' of '" + entry.name + "' leads to '"
            + std::string{to.name()} + "', a node of graph '" + graph_of(to).name()
            + "'; add that graph as a node and lead there"
        );
        return;
    }
    const std::size_t target = index_of(to);
    for (Edge& edge : entry.edges) {
        if (edge.action == action) {
            settings_.log.warn(
                entry.name,
                "action '" + std::string{action.name()} + "' led to '" + node(edge.target).name
                    + "' and leads to '" + node(target).name + "' now"
            );
            edge.target = target;
            return;
        }
    }
    entry.edges.push_back({action, target});
}

void GraphBody::set_start(const NodeHandle& node) {
    changed();
    if (owns(node)) {
        start_ = index_of(node);
    } else {
        wiring_faults_.push_back(
            "the start '" + std::string{node.name()} + "' is a node of another graph"
        );
    }
}

const GraphBody& GraphBody::root() const noexcept {
    const GraphBody* graph = this;
    while (graph->parent_ != nullptr) {
        graph = graph->parent_;
    }
    return *graph;
}

void GraphBody::changed() noexcept {
    for (GraphBody* graph = this; graph != nullptr; graph = graph->parent_) {
        graph->is_numbered_ = false;
        graph->is_sound_ = false;
    }
}

const GraphBody::Numbering& GraphBody::number() const {
    if (!is_numbered_.load(std::memory_order_acquire)) {
        const std::lock_guard lock{mutex_};
        if (!is_numbered_.load(std::memory_order_relaxed)) {
            self_.name = self_.path = name_;
            numbering_.nodes.assign(1, &self_);
            numbering_.timed.assign(1, recording_);
            number_nodes("", recording_, numbering_);
            is_numbered_.store(true, std::memory_order_release);
        }
    }
    return numbering_;
}

void GraphBody::number_nodes(const std::string& prefix, bool timed, Numbering& numbering) const {
    for (const std::unique_ptr<NodeEntry>& entry : nodes_) {
        entry->path = prefix + entry->name;
        entry->id = numbering.nodes.size();
        entry->total.name = entry->path;
        entry->total.kind = to_string(entry->model->kind());
        numbering.nodes.push_back(entry.get());
        numbering.timed.push_back(timed || entry->model->kind() == NodeKind::metrics);
        if (const GraphBody* inner = entry->model->graph()) {
            inner->number_nodes(entry->path + "/", timed || inner->recording_, numbering);
        }
    }
    mark_spread(false);
    mark_spread(true);
}

/// Whether a node uses many workers itself; the graph inside it is marked already.
bool GraphBody::uses_many(const NodeModel& model, bool over_ranks) {
    if (model.kind() == NodeKind::parallel_batch || (over_ranks && model.is_at_root())) {
        return true;
    }
    const GraphBody* const inner = model.graph();
    if (inner == nullptr) {
        return false;
    }
    const auto mark =
        over_ranks ? &NodeEntry::leads_to_spread_over_ranks : &NodeEntry::leads_to_spread;
    return inner->kind().is_spread() || (inner->start_ && inner->node(*inner->start_).*mark);
}

/// From the nodes that use many workers back over the edges.
void GraphBody::mark_spread(bool over_ranks) const {
    const auto mark =
        over_ranks ? &NodeEntry::leads_to_spread_over_ranks : &NodeEntry::leads_to_spread;
    std::vector<std::vector<std::size_t>> sources(nodes_.size());
    std::vector<std::size_t> to_visit;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const NodeModel& model = *nodes_[i]->model;
        nodes_[i].get()->*mark = uses_many(model, over_ranks);
        if (nodes_[i].get()->*mark) {
            to_visit.push_back(i);
        }
        for (const Edge& edge : nodes_[i]->edges) {
            sources[edge.target].push_back(i);
        }
        if (const ForkPlan* fork = model.fork()) {
            for (const std::size_t branch : fork->branches) {
                sources[branch].push_back(i);
            }
        }
    }
    while (!to_visit.empty()) {
        const std::size_t index = to_visit.back();
        to_visit.pop_back();
        for (const std::size_t source : sources[index]) {
            if (!(nodes_[source].get()->*mark)) {
                nodes_[source].get()->*mark = true;
                to_visit.push_back(source);
            }
        }
    }
}

}  // namespace kaygraph::detail
