#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/log.hpp>
#include <kaygraph/graph/action.hpp>
#include <kaygraph/graph/detail/node_model.hpp>
#include <kaygraph/graph/fork.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/graph/node_handle.hpp>
#include <kaygraph/graph/run_options.hpp>
#include <kaygraph/graph/settings.hpp>
#include <kaygraph/graph/store.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What happens where a node with successors returns an action that none of them answers to.
enum class UnknownAction : std::uint8_t {
    warn,   ///< the walk ends, with one warning
    error,  ///< the run fails with GraphError (unknown_action)
};

/// Whether a graph's runs measure the times of its nodes. Counts are always kept.
enum class Metrics : std::uint8_t { off, on };

/// Options of Graph. Its phases are functions, since a graph is no class to derive from.
struct GraphOptions {
    Params params = {};  ///< what every node of its walks gets, those of nested graphs included
    Config config = {};  ///< what nodes without an own config get
    UnknownAction unknown_action = UnknownAction::warn;
    std::function<void(const Store&)> prep = {};  ///< before the walk
    std::function<Action(Store&, const Action& last_action)> post =
        {};  ///< default: returns last_action
    std::function<bool(Store&, const std::exception&)> on_error = {};  ///< as a node's on_error
    Log log = {};                                                      ///< warnings, of wiring too
};

/// How the walks of a batch graph are spread.
struct ParallelWalks {
    std::optional<std::size_t> threads = {};  ///< empty: those of the run
    Schedule schedule = Schedule::stealing;
};

/// Options of BatchGraph.
struct BatchGraphOptions {
    /// Its prep: the parameter sets, one walk each. Required.
    std::function<std::vector<Params>(const Store&)> parameter_sets = {};
    std::optional<ParallelWalks> parallel =
        {};                              ///< empty: one walk after another, on the same store
    std::vector<Reducer> reducers = {};  ///< for keys that several parallel walks write
    Params params = {};                  ///< each set is laid over them
    Config config = {};
    UnknownAction unknown_action = UnknownAction::warn;
    /// Gets the sets and the last action of each walk; default: the default action.
    std::function<Action(Store&, const std::vector<Params>&, const std::vector<Action>&)> post = {};
    std::function<bool(Store&, const std::exception&)> on_error = {};
    Log log = {};
};

/// What graphs of both kinds can do: own nodes, be wired, be judged, be drawn, be run.
///
/// The first node added is where a walk starts, unless `start` names another.
/// @par MPI Local.
/// @par Threads Wiring: one thread at a time. `run` is const: any number of threads may run one graph
/// at once, each with a store of its own.
class KAYGRAPH_EXPORT GraphBase {
public:
    GraphBase(const GraphBase&) = delete;
    GraphBase& operator=(const GraphBase&) = delete;

    [[nodiscard]] const std::string& name() const;

    /// Adds a node. Its name is unique in the graph; reports and checkpoints use it. If the compiler only says
    /// that it cannot convert the braces of the options, write their type before them,
    /// `kg::NodeOptions{.retry = {.max_attempts = 3}}`: it then names the option that this kind does not have.
    /// @throws ArgumentError for an option outside its range, and for results that would have to travel to other
    /// ranks or reach a sink and cannot be serialised.
    template <NodeClass T>
    Handle<T> add(std::string name, T node, typename T::Options options = {}) {
        if constexpr (detail::is_sound<detail::NodeFault<T>>) {
            auto model =
                std::make_unique<detail::TypedModel<T>>(name, std::move(node), std::move(options));
            return Handle<T>{add_model(std::move(name), std::move(model))};
        } else {
            detail::report<detail::NodeFault<T>>();
            return Handle<T>{add_model(std::move(name), nullptr)};
        }
    }
    /// Adds a graph as a node. Wire it before: the graph object is empty afterwards, its handles stay valid.
    /// @throws ArgumentError for a graph that is already a node, is this one, or has 100 graphs in it, one
    /// inside the other.
    NodeHandle add(std::string name, GraphBase&& graph);

    /// Names the node where walks start.
    void start(const NodeHandle& node);

    /// Returns everything for which a run would be refused, a sentence each; empty for a sound graph.
    [[nodiscard]] std::vector<std::string> validate() const;

    /// Returns the graph as a Mermaid flowchart, or in the DOT language of Graphviz.
    [[nodiscard]] std::string to_mermaid() const;
    [[nodiscard]] std::string to_dot() const;

    /// Switches the measuring of times, for the runs that start from now on, nested graphs included.
    void record(Metrics metrics);

    /// Runs the graph once, around a store, and returns what it did.
    ///
    /// On error: nothing of the run goes on; the store holds what was written before the error, without
    /// the writes of a fork or of parallel walks that did not come to their join. The exception is the
    /// original one; where it happened is in `RunOptions::report`.
    /// @throws GraphError naming all faults where the graph cannot run, before any effect; GraphError
    /// (max_visits, deadline, unknown_action); Stopped; NodeError for a batch that failed as a whole;
    /// whatever the nodes throw.
    RunReport run(Store& shared, const RunOptions& options = {}) const;

    /// Collective over the ranks: every one calls it, with the same graph and an equal store. Runs the
    /// graph once on all of them together; the report is the same on each.
    ///
    /// On error: all ranks end with the same error. A rank that has the exception throws the original. On the
    /// others the classes of `base/error.hpp` come out as they were, with the same code, text and context; any
    /// other exception is a DistributedError with the same text. `is<T>(error)` has the same answer on all.
    /// Ranks that were given different graphs, params or items get a GraphError (disagreement) that names the
    /// first difference.
    /// @throws ArgumentError for a communicator that was freed, or a thread that may not use it.
    RunReport run(Store& shared, const Runtime& ranks, const RunOptions& options = {}) const;

protected:
    explicit GraphBase(std::unique_ptr<detail::GraphBody> body) noexcept;
    GraphBase(GraphBase&&) noexcept;
    GraphBase& operator=(GraphBase&&) noexcept;
    ~GraphBase();

private:
    NodeHandle add_model(std::string name, std::unique_ptr<detail::NodeModel> model);

    /// @throws ArgumentError for a graph that was moved away.
    [[nodiscard]] detail::GraphBody& body() const;

    std::unique_ptr<detail::GraphBody> body_;
};

/// A graph of nodes, walked once a run. A graph is a node, too: `outer.add("inner", std::move(graph))`.
class KAYGRAPH_EXPORT Graph final : public GraphBase {
public:
    explicit Graph(std::string name, GraphOptions options = {});
};

/// A graph that is walked once for each of a list of parameter sets.
class KAYGRAPH_EXPORT BatchGraph final : public GraphBase {
public:
    /// @throws ArgumentError without parameter_sets, or for an option outside its range.
    BatchGraph(std::string name, BatchGraphOptions options);
};

}  // namespace kaygraph

#pragma GCC visibility pop
