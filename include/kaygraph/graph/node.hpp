#pragma once

#include <kaygraph/graph/action.hpp>
#include <kaygraph/graph/context.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/graph/store.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

/// @file
/// The kinds of nodes. A node is a plain class that derives from an empty tag and has some of these
/// public, const, non-overloaded functions; each may take a `const kg::Context&` behind its other
/// parameters, and each may be missing.
///
///     before_prep(const Store&)                          hook
///     prep(const Store&) -> P                            reads what exec needs
///     exec(const P&) -> R                                computes; sees no store; is retried
///     exec_fallback(const P&, const std::exception&) -> R   instead, after the last failed attempt
///     after_exec(const Store&, const P&, const R&)       hook; also (const Store&, const R&)
///     post(Store&, const P&, R) -> Action                writes and decides where to go; also (Store&, R),
///                                                        (Store&), and void for the default action;
///                                                        (Store&, const P&) where exec returns nothing
///     on_error(Store&, const std::exception&) -> bool    true drops an error and takes the default edge; it
///                                                        decides by `kg::is<T>(error)`, which has the same
///                                                        answer on ranks that have the exception and that have not
///
/// A validated node has also `validate_input(const P&) -> V`, whose value replaces the input of exec
/// and exec_fallback, and `validate_output(R) -> O`, whose value replaces their result.
///
/// A batch node must have prep, which returns a range of items or an item source (`item_source.hpp`),
/// and one item phase:
///
///     exec(const Item&) -> R                                        one item, or
///     exec_batch(std::span<const Item>, std::span<R>)               a block, or
///     exec_batch(std::span<const Item>, kg::MatrixView<T>)          a block into rows of a matrix, with
///     row_length() -> std::size_t                                   the length of its rows
///
/// and its post gets a BatchResult<R>, or a BatchRows<T> for rows. exec_fallback is called per item. If
/// it has `thread_state() -> S`, every worker makes one, and exec or exec_batch get it as an `S&` behind
/// their other parameters, before the context.
///
/// Nodes do not change while a graph runs: phases are const, and may be called by many threads at once.
/// @par MPI Local.
/// @par Threads Nodes are values; their phases are called concurrently.

#pragma GCC visibility push(hidden)

namespace kaygraph {

enum class NodeKind : std::uint8_t {
    node,
    batch,
    parallel_batch,
    validated,
    metrics,
    graph,
    batch_graph,
    fork,
};

/// Returns the name of the class that stands for a kind, "ParallelBatchNode".
[[nodiscard]] KAYGRAPH_EXPORT std::string_view to_string(NodeKind kind) noexcept;

/// One prep, one exec, one post.
struct Node {
    using Options = NodeOptions;
    static constexpr NodeKind node_kind = NodeKind::node;
};

/// exec for each item, one after another; the first item that fails for good ends it.
struct BatchNode {
    using Options = BatchOptions;
    static constexpr NodeKind node_kind = NodeKind::batch;
};

/// exec for each item, spread over threads. Results are in input order, whoever made them.
struct ParallelBatchNode {
    using Options = ParallelBatchOptions;
    static constexpr NodeKind node_kind = NodeKind::parallel_batch;
};

/// A Node that checks what goes into exec and what comes out.
struct ValidatedNode {
    using Options = NodeOptions;
    static constexpr NodeKind node_kind = NodeKind::validated;
};

/// A Node that is timed whether or not its graph records.
struct MetricsNode {
    using Options = NodeOptions;
    static constexpr NodeKind node_kind = NodeKind::metrics;
};

/// A class that can be a node.
template <class T>
concept NodeClass = std::is_class_v<T> && requires {
    typename T::Options;
    { T::node_kind } -> std::convertible_to<NodeKind>;
};

/// Stands for a phase that a node made of lambdas does not have.
struct NoPhase {};
inline constexpr NoPhase no_phase{};

namespace detail {

template <class F>
struct LambdaPrep {
    F prep;
};
template <>
struct LambdaPrep<NoPhase> {};

template <class F>
struct LambdaExec {
    F exec;
};
template <>
struct LambdaExec<NoPhase> {};

template <class F>
struct LambdaPost {
    F post;
};
template <>
struct LambdaPost<NoPhase> {};

template <class Kind, class Prep, class Exec, class Post>
struct LambdaNode : Kind, LambdaPrep<Prep>, LambdaExec<Exec>, LambdaPost<Post> {};

template <class Kind, class Prep, class Exec, class Post>
auto lambda_node(Prep prep, Exec exec, Post post) {
    const auto phase = []<template <class> class Holder, class F>(
                           std::type_identity<Holder<F>> /*holder*/, F function
                       ) {
        if constexpr (std::is_same_v<F, NoPhase>) {
            return Holder<F>{};
        } else {
            return Holder<F>{std::move(function)};
        }
    };
    return LambdaNode<Kind, Prep, Exec, Post>{
        Kind{},
        phase(std::type_identity<LambdaPrep<Prep>>{}, std::move(prep)),
        phase(std::type_identity<LambdaExec<Exec>>{}, std::move(exec)),
        phase(std::type_identity<LambdaPost<Post>>{}, std::move(post))};
}

}  // namespace detail

/// Makes a node of three functions: `kg::node(prep, exec, post)`; `kg::no_phase` stands for one that is
/// not needed. They take what the phases of a Node take.
template <class Prep, class Exec, class Post>
[[nodiscard]] auto node(Prep prep, Exec exec, Post post) {
    return detail::lambda_node<Node>(std::move(prep), std::move(exec), std::move(post));
}

/// Makes a batch node of three functions; exec takes one item.
template <class Prep, class Exec, class Post>
[[nodiscard]] auto batch_node(Prep prep, Exec exec, Post post) {
    return detail::lambda_node<BatchNode>(std::move(prep), std::move(exec), std::move(post));
}

/// Makes a parallel batch node of three functions; exec takes one item.
template <class Prep, class Exec, class Post>
[[nodiscard]] auto parallel_batch_node(Prep prep, Exec exec, Post post) {
    return detail::lambda_node<ParallelBatchNode>(
        std::move(prep), std::move(exec), std::move(post)
    );
}

}  // namespace kaygraph

#pragma GCC visibility pop
