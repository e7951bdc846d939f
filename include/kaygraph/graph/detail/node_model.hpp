#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/graph/detail/batch_phases.hpp>
#include <kaygraph/graph/detail/phases.hpp>
#include <kaygraph/graph/detail/single_phases.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/graph/options.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

/// @file
/// A node as a graph keeps it: the user's object and its options behind one interface.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

class GraphBody;
struct ForkPlan;

class KAYGRAPH_EXPORT NodeModel : public Interface {
public:
    [[nodiscard]] virtual NodeKind kind() const noexcept = 0;
    /// Runs the node once.
    virtual Action visit(Visit& visit) const = 0;

    /// The node's own settings; null for nodes that have none.
    [[nodiscard]] virtual Params* params() noexcept { return nullptr; }
    [[nodiscard]] virtual Config* config() noexcept { return nullptr; }
    /// How many attempts a context of this node announces.
    [[nodiscard]] virtual int max_attempts() const noexcept { return 1; }
    /// The options of a parallel batch, else null.
    [[nodiscard]] virtual const ParallelBatchOptions* parallel() const noexcept { return nullptr; }
    /// True where prep and exec run on rank 0 only.
    [[nodiscard]] virtual bool is_at_root() const noexcept { return false; }
    /// The type that has to travel between ranks and cannot; empty where there is none.
    [[nodiscard]] virtual std::string_view stuck_type() const noexcept { return {}; }
    /// What is inside: a graph, a fork.
    [[nodiscard]] virtual GraphBody* graph() const noexcept { return nullptr; }
    [[nodiscard]] virtual const ForkPlan* fork() const noexcept { return nullptr; }
};

/// Check options where they are given. @throws ArgumentError naming node, option and what to write.
KAYGRAPH_EXPORT void check_options(const std::string& node, const NodeOptions& options);
KAYGRAPH_EXPORT void check_options(const std::string& node, const BatchOptions& options);
KAYGRAPH_EXPORT void check_options(const std::string& node, const ParallelBatchOptions& options);

/// Whether results of a type suit the options that look at results.
struct ResultTraits {
    bool fits_a_sink;
    const std::type_info* stop_type;  ///< what stop_when gets; null: there are no results
    std::string_view stop_type_name;
};
KAYGRAPH_EXPORT void check_result_options(
    const std::string& node,
    const ParallelBatchOptions& options,
    const ResultTraits& traits
);

template <class T>
inline constexpr bool is_batch_class =
    T::node_kind == NodeKind::batch || T::node_kind == NodeKind::parallel_batch;

template <class T>
consteval auto node_fault() {
    if constexpr (is_batch_class<T>) {
        return batch_fault<T>();
    } else {
        return single_fault<T>();
    }
}
/// What is wrong with a node class; Sound for nothing.
template <class T>
using NodeFault = typename decltype(node_fault<T>())::type;

/// The type that stop_when looks at; void where there are no results.
template <class Results>
consteval auto stop_type() {
    using Element = typename ResultKind<Results>::Element;
    if constexpr (ResultKind<Results>::is_rows) {
        return std::type_identity<std::span<const Element>>{};
    } else {
        return std::type_identity<Element>{};
    }
}

template <class T>
class TypedModel final : public NodeModel {
    using Options = typename T::Options;

public:
    TypedModel(const std::string& name, T node, Options options) : node_(std::move(node)) {
        set_options(name, std::move(options));
    }

    void set_options(const std::string& name, Options options) {
        check_options(name, options);
        if constexpr (T::node_kind == NodeKind::parallel_batch) {
            using Results = ResultsOf<T>;
            using Looked = typename decltype(stop_type<Results>())::type;
            check_result_options(
                name,
                options,
                {.fits_a_sink = fits_a_sink<Results>(),
                 .stop_type = std::is_void_v<Looked> ? nullptr : &typeid(Looked),
                 .stop_type_name = type_name<Looked>()}
            );
        }
        options_ = std::move(options);
    }
    [[nodiscard]] const Options& options() const noexcept { return options_; }

    [[nodiscard]] NodeKind kind() const noexcept override { return T::node_kind; }
    [[nodiscard]] Params* params() noexcept override { return &options_.params; }
    [[nodiscard]] Config* config() noexcept override { return &options_.config; }
    [[nodiscard]] int max_attempts() const noexcept override { return options_.retry.max_attempts; }
    [[nodiscard]] const ParallelBatchOptions* parallel() const noexcept override {
        if constexpr (T::node_kind == NodeKind::parallel_batch) {
            return &options_;
        } else {
            return nullptr;
        }
    }

    [[nodiscard]] bool is_at_root() const noexcept override {
        if constexpr (T::node_kind == NodeKind::parallel_batch) {
            return false;
        } else {
            return options_.where == Where::root;
        }
    }
    [[nodiscard]] std::string_view stuck_type() const noexcept override {
        if constexpr (T::node_kind == NodeKind::parallel_batch) {
            const bool travels = options_.sink == nullptr && options_.gather != Gather::none;
            return travels ? BatchPhases<T>::stuck_result() : std::string_view{};
        } else if constexpr (T::node_kind == NodeKind::batch) {
            return is_at_root() ? BatchPhases<T>::stuck_flow() : std::string_view{};
        } else {
            return is_at_root() ? SinglePhases<T>::stuck_flow() : std::string_view{};
        }
    }

    Action visit(Visit& visit) const override {
        if constexpr (is_batch_class<T>) {
            BatchPhases<T> phases{
                node_,
                {.retry = &options_.retry, .parallel = parallel(), .is_at_root = is_at_root()}};
            return run_visit(visit, phases);
        } else {
            SinglePhases<T> phases{node_, options_.retry, is_at_root()};
            return run_visit(visit, phases);
        }
    }

private:
    T node_;
    Options options_;
};

}  // namespace kaygraph::detail

#pragma GCC visibility pop
