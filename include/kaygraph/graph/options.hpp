#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/type_name.hpp>
#include <kaygraph/graph/settings.hpp>
#include <kaygraph/parallel/blocks.hpp>
#include <kaygraph/parallel/sink.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <typeinfo>
#include <utility>

/// @file
/// Options of nodes: structs for designated initialisers, `{.retry = {.max_attempts = 3}}`. They are
/// checked where they are given (`add`, `set_options`): an ArgumentError says what to write instead.
/// @par MPI Local.
/// @par Threads Values.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// How the waits between attempts grow.
enum class Backoff : std::uint8_t {
    constant,     ///< wait, wait, wait …
    exponential,  ///< wait, 2 wait, 4 wait …
};

/// How often exec is tried, for a visit or for an item.
struct Retry {
    int max_attempts = 1;                ///< attempts in all; at least 1
    std::chrono::nanoseconds wait = {};  ///< before the second attempt
    Backoff backoff = Backoff::constant;
    std::chrono::nanoseconds max_wait = std::chrono::hours{1};  ///< no wait is longer
    double jitter = 0;       ///< share in [0, 1] of each wait that is random
    std::uint64_t seed = 0;  ///< of the jitter, which follows from seed, item and attempt alone
    /// Decides whether an exception is worth another attempt; empty: every one is.
    std::function<bool(const std::exception&)> retry_if = {};
};

/// On which ranks a node runs that is not spread.
enum class Where : std::uint8_t {
    everywhere,  ///< prep, exec and post on every rank, each around its own store
    /// Prep and exec on rank 0; what they return is broadcast; post on every rank. On several ranks exec has a thread beside
    /// the one that entered the run, which answers the other ranks meanwhile.
    root,
};

/// Options of Node, ValidatedNode and MetricsNode.
struct NodeOptions {
    Retry retry = {};
    Where where = Where::everywhere;
    Params params =
        {};  ///< for a run of this node alone; in a walk the graph's params replace them
    Config config = {};  ///< empty: that of the graph
};

/// Options of BatchNode.
struct BatchOptions {
    Retry retry = {};  ///< per item
    Where where = Where::everywhere;
    Params params = {};
    Config config = {};
};

/// What an item that failed for good means for its batch.
enum class ItemErrors : std::uint8_t {
    fail,    ///< the batch stops and throws the item's exception
    skip,    ///< the item has no result; the batch goes on
    reject,  ///< as skip, and the ledger is told
};

/// How many items may fail for good under skip and reject; more end the batch. Empty: any number but
/// all. With both, the stricter one counts.
struct ErrorBudget {
    std::optional<std::size_t> count = {};
    std::optional<double> share = {};  ///< of all items, in [0, 1]
};

/// What a batch does when more items have failed than its budget allows.
enum class OnBudget : std::uint8_t {
    fail,  ///< throws NodeError (error_budget), with the first failure nested inside
    stop,  ///< ends: post keeps what there is, a value, an error or neither for each item
};

/// Which ranks hold the values of a spread batch when post runs. All know every item's status.
enum class Gather : std::uint8_t {
    all,   ///< every rank has every value, in input order
    root,  ///< rank 0 has; the others have what they made
    none,  ///< each has what it made
};

/// How far a batch is, on this rank.
struct Progress {
    std::size_t done = 0;  ///< items that ran, failed ones included
    std::size_t failed = 0;
    std::size_t total = 0;
};

namespace detail {

template <class F, class Own>
concept OtherThan = !std::is_same_v<std::remove_cvref_t<F>, Own>;

}  // namespace detail

/// A predicate on results that ends a batch early: `{.stop_when = [](const Hit& hit) { return hit.found; }}`.
/// Its parameter is the result type of the item phase; std::span<const T> for rows of T.
class StopWhen {
public:
    StopWhen() = default;

    template <detail::OtherThan<StopWhen> F>
    // NOLINTNEXTLINE(google-explicit-constructor): an option is set by a lambda
    StopWhen(F predicate) {
        static_assert(
            requires { argument_of(+predicate); } || requires { argument_of(&F::operator()); },
            "kaygraph: stop_when takes one parameter and names its type, as in [](const Hit& hit) "
            "{ … }"
        );
        if constexpr (requires { argument_of(&F::operator()); }) {
            hold(decltype(argument_of(&F::operator())){}, std::move(predicate));
        } else if constexpr (requires { argument_of(+predicate); }) {
            hold(decltype(argument_of(+predicate)){}, std::move(predicate));
        }
    }

    [[nodiscard]] explicit operator bool() const noexcept { return type_ != nullptr; }
    /// The result type it wants.
    [[nodiscard]] const std::type_info* type() const noexcept { return type_; }
    [[nodiscard]] std::string_view type_name() const noexcept { return type_name_; }
    /// Asks about a result, an object of that type.
    [[nodiscard]] bool operator()(const void* result) const { return ask_(result); }

private:
    template <class R>
    static std::type_identity<std::remove_cvref_t<R>> argument_of(bool (*)(R));
    template <class C, class R>
    static std::type_identity<std::remove_cvref_t<R>> argument_of(bool (C::*)(R) const);
    template <class C, class R>
    static std::type_identity<std::remove_cvref_t<R>> argument_of(bool (C::*)(R));

    template <class R, class F>
    void hold(std::type_identity<R> /*result*/, F predicate) {
        type_ = &typeid(R);
        type_name_ = kaygraph::type_name<R>();
        ask_ = [predicate = std::move(predicate)](const void* result) {
            return predicate(*static_cast<const R*>(result));
        };
    }

    const std::type_info* type_ = nullptr;
    std::string_view type_name_;
    std::function<bool(const void*)> ask_;
};

/// Options of ParallelBatchNode.
struct ParallelBatchOptions {
    /// Most workers, within those of the run; empty: those of the run, or else usable_cores().
    std::optional<std::size_t> threads = {};
    /// Items in a block; empty: by the number of items n alone, n / 4,096 within [1, 256], and for
    /// exec_batch n / 256 within [16, 1,024].
    std::optional<std::size_t> block = {};
    Schedule schedule = Schedule::stealing;
    /// Per item. An item that waits does not hold up the others; with a source or a sink, up to 64 blocks
    /// a worker hold items that wait.
    Retry retry = {};
    ItemErrors on_item_error = ItemErrors::fail;
    ErrorBudget max_errors = {};
    /// Either way no item starts after that, and a batch of which every item failed has failed.
    OnBudget on_budget = OnBudget::fail;
    StopWhen stop_when = {};
    /// Called by the thread that entered the run, between blocks, at most every 100 ms and at the end.
    /// Not where other walks go on beside this one. On several ranks it tells of this rank's items, and at
    /// the end of all.
    std::function<void(const Progress&)> progress = {};
    Gather gather = Gather::all;      ///< without meaning where there is a sink
    std::shared_ptr<Sink> sink = {};  ///< takes the results; memory then holds blocks, not batches
    std::shared_ptr<Ledger> ledger = {};  ///< needs a sink
    Params params = {};
    Config config = {};
};

}  // namespace kaygraph

#pragma GCC visibility pop
