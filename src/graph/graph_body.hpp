#pragma once

#include "graph/run_state.hpp"

#include <kaygraph/base/function_ref.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/graph/graph.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kaygraph::detail {

class GraphBody;

/// Where an action leads.
struct Edge {
    Action action;
    std::size_t target;
};

/// A node and its edges.
struct NodeEntry {
    std::string name;
    std::unique_ptr<NodeModel> model;
    std::vector<Edge> edges;

    // What the numbering of the whole tree of graphs gives: see GraphBody::number.
    std::string path;    ///< "outer/inner"
    std::size_t id = 0;  ///< slot in the recorder

    NodeStats total;  ///< over all finished runs; guarded by the root's mutex

    /// Whether a walk from here may use more than one worker: it comes to a parallel batch, or to parallel
    /// walks, at any depth. Over ranks also whether it comes to a node that runs on rank 0.
    bool leads_to_spread = false;
    bool leads_to_spread_over_ranks = false;

    [[nodiscard]] const Edge* edge_for(const Action& action) const noexcept {
        for (const Edge& edge : edges) {
            if (edge.action == action) {
                return &edge;
            }
        }
        return nullptr;
    }
};

/// What is particular to the two kinds of graphs: how a visit of one runs.
class GraphKind : public Interface {
public:
    [[nodiscard]] virtual NodeKind kind() const noexcept = 0;
    virtual Action visit(const GraphBody& graph, Visit& visit) const = 0;
    /// Whether its walks use many workers.
    [[nodiscard]] virtual bool is_spread() const noexcept { return false; }
    /// How its walks are spread, as text.
    [[nodiscard]] virtual std::string spreading() const { return "in order"; }
};

/// What both kinds share.
struct GraphSettings {
    Params params;
    Config config;
    UnknownAction unknown_action = UnknownAction::warn;
    Log log;
};

/// A graph behind its public face: nodes, edges, and the graphs inside.
class GraphBody {
public:
    GraphBody(std::string name, GraphSettings settings, std::unique_ptr<GraphKind> kind);

    // ---- wiring
    NodeHandle add(std::string name, std::unique_ptr<NodeModel> model);
    /// @throws ArgumentError where a graph inside this one would be nested too deep.
    void check_takes(const GraphBody& graph) const;
    NodeHandle add_graph(std::string name, std::unique_ptr<GraphBody> graph);
    NodeHandle add_fork(const Fork& fork);
    void connect(std::size_t from, const Action& action, const NodeHandle& to);
    void set_start(const NodeHandle& node);
    void set_recording(bool on) noexcept {
        recording_ = on;
        changed();
    }

    /// Something was changed: the next run judges and numbers the nodes anew.
    void changed() noexcept;

    // ---- reading
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const GraphSettings& settings() const noexcept { return settings_; }
    [[nodiscard]] GraphSettings& settings() noexcept { return settings_; }
    [[nodiscard]] bool is_recording() const noexcept { return recording_; }
    [[nodiscard]] const GraphKind& kind() const noexcept { return *kind_; }
    [[nodiscard]] const std::vector<std::unique_ptr<NodeEntry>>& nodes() const noexcept {
        return nodes_;
    }
    [[nodiscard]] const NodeEntry& node(std::size_t index) const { return *nodes_[index]; }
    [[nodiscard]] NodeEntry& node(std::size_t index) { return *nodes_[index]; }
    [[nodiscard]] std::optional<std::size_t> start() const noexcept { return start_; }
    [[nodiscard]] const std::vector<std::string>& wiring_faults() const noexcept {
        return wiring_faults_;
    }
    [[nodiscard]] bool owns(const NodeHandle& node) const noexcept { return node.graph_ == this; }
    static std::size_t index_of(const NodeHandle& node) noexcept { return node.index_; }
    static GraphBody& graph_of(const NodeHandle& node) noexcept { return *node.graph_; }

    /// The outermost graph around this one.
    [[nodiscard]] const GraphBody& root() const noexcept;

    /// Everything for which a run is refused; see validate.cpp.
    [[nodiscard]] std::vector<std::string> faults() const;
    /// How many graphs and forks are around the innermost node: a walk takes stack for each.
    static constexpr std::size_t max_nesting = 100;
    [[nodiscard]] std::size_t nesting() const;

    // ---- running; see run.cpp
    RunReport run(Store& shared, const RunOptions& options) const;
    RunReport run_node(std::size_t index, Store& shared, const RunOptions& options) const;
    [[nodiscard]] NodeStats stats(std::size_t index) const;

private:
    /// The nodes of a tree of graphs in one list, the place in which is a node's id; id 0 is the root.
    struct Numbering {
        std::vector<NodeEntry*> nodes;
        std::vector<bool> timed;
    };
    /// Gives every node of the tree its path and id. Idle where nothing has changed since.
    const Numbering& number() const;
    void number_nodes(const std::string& prefix, bool timed, Numbering& numbering) const;
    void mark_spread(bool over_ranks) const;
    [[nodiscard]] static bool uses_many(const NodeModel& model, bool over_ranks);
    void check_sound() const;
    /// The config that a node of this graph gets: its own, or that of the innermost graph with one.
    [[nodiscard]] const Config* config_of(const NodeEntry& entry) const;
    RunReport run_around(
        const RunOptions& options,
        const Params& params,
        FunctionRef<Action(const Surroundings& around)> body
    ) const;
    /// Checks a run before it begins; on several ranks collectively, so that all begin or none does.
    void start(
        const std::string& what,
        const RunOptions& options,
        const Params& params,
        FunctionRef<void()> check
    ) const;
    void check_over_ranks(Communicator& ranks, const RunOptions& options) const;
    void keep(const Numbering& numbering, RunReport& report) const;

    std::string name_;
    GraphSettings settings_;
    std::unique_ptr<GraphKind> kind_;
    std::vector<std::unique_ptr<NodeEntry>> nodes_;
    std::optional<std::size_t> start_;
    std::vector<std::string> wiring_faults_;
    bool recording_ = false;
    GraphBody* parent_ = nullptr;
    std::size_t n_inside_ = 0;  ///< graphs, one inside the other

    // Of a root: made by the first run after a change, under the mutex, and then read by any number.
    mutable std::mutex mutex_;
    mutable std::atomic<bool> is_numbered_{false};
    mutable std::atomic<bool> is_sound_{false};
    mutable Numbering numbering_;
    mutable NodeEntry self_;  ///< the root as a node
};

/// A graph as a node of another.
class GraphModel final : public NodeModel {
public:
    explicit GraphModel(std::unique_ptr<GraphBody> body) noexcept : body_(std::move(body)) {}

    [[nodiscard]] NodeKind kind() const noexcept override { return body_->kind().kind(); }
    Action visit(Visit& visit) const override { return body_->kind().visit(*body_, visit); }
    [[nodiscard]] Params* params() noexcept override { return &body_->settings().params; }
    [[nodiscard]] Config* config() noexcept override { return &body_->settings().config; }
    [[nodiscard]] GraphBody* graph() const noexcept override { return body_.get(); }

private:
    std::unique_ptr<GraphBody> body_;
};

/// Where the branches of a fork start, and what joins them.
struct ForkPlan {
    const GraphBody* graph;
    std::vector<std::size_t> branches;
    std::vector<Reducer> reducers;
};

std::unique_ptr<NodeModel> make_fork_model(ForkPlan plan);

/// Adds what is wrong with a node by itself, wherever it is: its options, the graph inside it.
void add_node_faults(const NodeEntry& node, std::vector<std::string>& faults);

}  // namespace kaygraph::detail
