#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/graph/action.hpp>
#include <kaygraph/graph/detail/node_model.hpp>
#include <kaygraph/graph/fork.hpp>
#include <kaygraph/graph/run_options.hpp>
#include <kaygraph/graph/settings.hpp>
#include <kaygraph/graph/store.hpp>
#include <kaygraph/metrics/run_report.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

#pragma GCC visibility push(hidden)

namespace kaygraph {

class KAYGRAPH_EXPORT EdgeStart;

/// A node in its graph: for wiring, for settings, for figures. Cheap to copy; valid as long as the
/// graph lives, wherever the graph is moved.
///
///     a >> b;                       // after a's default action comes b
///     a.on("retry") >> a;           // after its action "retry" comes a again
///     (a - "retry") >> a;           // the same (compilers warn about it without the parentheses)
///     a >> kg::fork(b, c) >> d;     // b and c, then d
///
/// @par MPI Local.
/// @par Threads One thread at a time; wire and set before a run, not during it. `stats` any time.
class KAYGRAPH_EXPORT NodeHandle {
public:
    [[nodiscard]] std::string_view name() const;

    /// Makes `next` the successor for the default action. Returns next.
    NodeHandle operator>>(const NodeHandle& next) const;
    /// Makes a fork the successor; what is wired to the returned handle comes after the join.
    NodeHandle operator>>(const Fork& fork) const;
    /// Starts an edge for an action: `load.on("empty") >> report`.
    [[nodiscard]] EdgeStart on(const Action& action) const;
    /// The same, `(load - "empty") >> report`. The parentheses are for compilers that warn of `-` beside `>>`.
    EdgeStart operator-(const Action& action) const;

    /// Replaces the node's own params, which count where the node is run alone.
    /// @throws ArgumentError for a fork.
    void set_params(Params params) const;
    /// Replaces the node's own config; an empty one stands for the graph's.
    void set_config(Config config) const;

    /// Returns what the node did in all finished runs of its graph.
    [[nodiscard]] NodeStats stats() const;

    /// Runs this node alone, with its own params; one warning where it has successors. For the rest as
    /// Graph::run. The report's last_action is the node's.
    RunReport run(Store& shared, const RunOptions& options = {}) const;
    /// Collective over the ranks: the same on all of them together.
    RunReport run(Store& shared, const Runtime& ranks, const RunOptions& options = {}) const;

protected:
    friend class detail::GraphBody;
    friend class EdgeStart;
    NodeHandle(detail::GraphBody* graph, std::size_t index) noexcept
        : graph_(graph), index_(index) {}

    [[nodiscard]] detail::NodeModel& model() const;
    void changed() const noexcept;

private:
    detail::GraphBody* graph_;
    std::size_t index_;
};

/// The handle of a node of class T, whose options it knows.
template <class T>
class Handle : public NodeHandle {
public:
    explicit Handle(const NodeHandle& handle) noexcept : NodeHandle(handle) {}

    [[nodiscard]] const typename T::Options& options() const {
        return static_cast<detail::TypedModel<T>&>(model()).options();
    }
    /// @throws ArgumentError where an option is outside its range; the old ones stay.
    void set_options(typename T::Options options) const {
        static_cast<detail::TypedModel<T>&>(model()).set_options(
            std::string{name()}, std::move(options)
        );
        changed();
    }
};

/// The start of an edge that has no end yet.
class KAYGRAPH_EXPORT EdgeStart {
public:
    NodeHandle operator>>(const NodeHandle& next) const;
    NodeHandle operator>>(const Fork& fork) const;

private:
    friend class NodeHandle;
    EdgeStart(NodeHandle from, Action action) : from_(from), action_(std::move(action)) {}

    NodeHandle from_;
    Action action_;
};

template <class... Handles>
Fork fork(const Handles&... branches) {
    static_assert(
        sizeof...(Handles) >= 1 && (std::is_base_of_v<NodeHandle, Handles> && ...),
        "kaygraph: fork takes the handles of the nodes that start its branches"
    );
    return Fork{{static_cast<const NodeHandle&>(branches)...}};
}

}  // namespace kaygraph

#pragma GCC visibility pop
