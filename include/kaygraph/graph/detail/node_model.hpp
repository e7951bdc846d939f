#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/graph/detail/batch_phases.hpp>
#include <kaygraph/graph/detail/misspelt.hpp>
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
    /// What is inside: a graph, a fork.
    [[nodiscard]] virtual GraphBody* graph() const noexcept { return nullptr; }
    [[nodiscard]] virtual const ForkPlan* fork() const noexcept { return nullptr; }
};

/// Check options where they are given. @throws ArgumentError naming node, option and what to write.
KAYGRAPH_EXPORT void check_options(const std::string& node, const NodeOptions& options);
KAYGRAPH_EXPORT void check_options(const std::string& node, const BatchOptions& options);
KAYGRAPH_EXPORT void check_options(const std::string& node, const ParallelBatchOptions& options);

/// Judges stop_when by the type of the results that it would get, null where there are none.
KAYGRAPH_EXPORT void check_stop_when(
    const std::string& node,
    const StopWhen& stop_when,
    const std::type_info* results,
    std::string_view results_name
);

/// Why values must be serialisable. It follows from a node's options, so that a graph is refused on one rank
/// as it would be on many.
enum class Serialised : std::uint8_t { for_sink, to_ranks, from_root };
/// Refuses a type that cannot be serialised; empty: there is none.
KAYGRAPH_EXPORT void check_serialised(
    const std::string& node,
    std::string_view stuck_type,
    Serialised purpose
);

template <class T>
inline constexpr bool is_batch_class =
    T::node_kind == NodeKind::batch || T::node_kind == NodeKind::parallel_batch;

template <class T>
consteval auto node_fault() {
    if constexpr (!is_sound<SpellingFault<T>>) {
        return std::type_identity<SpellingFault<T>>{};
    } else if constexpr (is_batch_class<T>) {
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
    using Typed = std::conditional_t<is_batch_class<T>, BatchPhases<T>, SinglePhases<T>>;

public:
    TypedModel(const std::string& name, T node, Options options) : node_(std::move(node)) {
        set_options(name, std::move(options));
    }

    void set_options(const std::string& name, Options options) {
        check_options(name, options);
        check_serialised(name, options);
        if constexpr (T::node_kind == NodeKind::parallel_batch) {
            using Looked = typename decltype(stop_type<ResultsOf<T>>())::type;
            check_stop_when(
                name,
                options.stop_when,
                std::is_void_v<Looked> ? nullptr : &typeid(Looked),
                type_name<Looked>()
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
    Action visit(Visit& visit) const override {
        if constexpr (is_batch_class<T>) {
            Typed phases{
                node_,
                {.retry = &options_.retry, .parallel = parallel(), .is_at_root = is_at_root()}};
            return run_visit(visit, phases);
        } else {
            Typed phases{node_, options_.retry, is_at_root()};
            return run_visit(visit, phases);
        }
    }

private:
    static void check_serialised(const std::string& name, const Options& options) {
        using detail::check_serialised;
        if constexpr (T::node_kind == NodeKind::parallel_batch) {
            if (options.sink != nullptr) {
                check_serialised(
                    name, Typed::has_results ? Typed::stuck_result() : "void", Serialised::for_sink
                );
            } else if (options.gather != Gather::none) {
                check_serialised(name, Typed::stuck_result(), Serialised::to_ranks);
            }
        } else if (options.where == Where::root) {
            check_serialised(name, Typed::stuck_flow(), Serialised::from_root);
        }
    }

    T node_;
    Options options_;
};

}  // namespace kaygraph::detail

#pragma GCC visibility pop
