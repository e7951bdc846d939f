#pragma once

#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/graph/batch_result.hpp>
#include <kaygraph/graph/detail/items.hpp>
#include <kaygraph/graph/detail/result_room.hpp>
#include <kaygraph/graph/detail/shape.hpp>
#include <kaygraph/graph/node.hpp>

#include <cstddef>
#include <exception>
#include <span>
#include <type_traits>
#include <utility>

/// @file
/// The item phases of batch nodes: which form they have, what flows, and what is wrong with them.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

template <class Class>
struct batch_must_have_prep {
    static_assert(
        always_false<Class>,
        "kaygraph: a batch node must have prep; it returns the items"
    );
};
template <class Class, class Type>
struct prep_must_return_items {
    static_assert(
        always_false<Class>,
        "kaygraph: prep of a batch node returns a range of items or an item source: see "
        "prep_must_return_items<Class, Type>"
    );
};
template <class Class>
struct batch_must_have_one_item_phase {
    static_assert(
        always_false<Class>,
        "kaygraph: a batch node has exactly one item phase: exec for one item, or exec_batch for a "
        "block"
    );
};
template <class Class, class Item>
struct exec_batch_must_take_items_and_room {
    static_assert(
        always_false<Class>,
        "kaygraph: exec_batch takes (std::span<const Item>, std::span<Result>) or (std::span<const "
        "Item>, kg::MatrixView<T>), then the thread state and const kg::Context& if wanted: see "
        "exec_batch_must_take_items_and_room<Class, Item>"
    );
};
template <class Class>
struct exec_batch_results_must_be_made_by_default {
    static_assert(
        always_false<Class>,
        "kaygraph: exec_batch writes into results that exist already; give the result type a "
        "default constructor"
    );
};
template <class Class>
struct row_length_must_give_the_width {
    static_assert(
        always_false<Class>,
        "kaygraph: exec_batch with a kg::MatrixView needs std::size_t row_length() const, the "
        "width of its rows, and nothing else does"
    );
};
template <class Class, class State>
struct thread_state_must_be_taken {
    static_assert(
        always_false<Class>,
        "kaygraph: what thread_state returns is given to exec or exec_batch as a reference, behind "
        "the items (and room) and before the context: see thread_state_must_be_taken<Class, State>"
    );
};
template <class Class>
struct thread_state_must_be_made {
    static_assert(
        always_false<Class>,
        "kaygraph: thread_state is const, takes nothing or a const kg::Context&, and returns what "
        "each thread keeps for itself"
    );
};
template <class Class, class Item, class T>
struct exec_fallback_must_fill_the_row {
    static_assert(
        always_false<Class>,
        "kaygraph: exec_fallback beside exec_batch with rows takes (const Item&, const "
        "std::exception&, std::span<T> row) and fills the row: see "
        "exec_fallback_must_fill_the_row<Class, Item, T>"
    );
};

/// Reads what exec_batch writes into from its signature.
template <class Signature>
struct RoomOf {
    using type = void;
};
template <class C, class R, class Items, class Room, class... Others>
struct RoomOf<R (C::*)(Items, Room, Others...) const> {
    using type = std::remove_cvref_t<Room>;
};
template <class C, class R, class Items, class Room, class... Others>
struct RoomOf<R (C::*)(Items, Room, Others...) const noexcept> {
    using type = std::remove_cvref_t<Room>;
};

template <class Room>
struct RoomElement {
    static constexpr bool is_span = false;
    static constexpr bool is_rows = false;
};
template <class R>
struct RoomElement<std::span<R>> {
    using type = R;
    static constexpr bool is_span = !std::is_const_v<R>;
    static constexpr bool is_rows = false;
};
template <class T>
struct RoomElement<MatrixView<T>> {
    using type = T;
    static constexpr bool is_span = false;
    static constexpr bool is_rows = !std::is_const_v<T>;
};

template <class T>
consteval auto thread_state_type() {
    if constexpr (ThreadState::named<T>) {
        return std::type_identity<std::remove_cvref_t<ResultOf<ThreadState, T>>>{};
    } else {
        return std::type_identity<void>{};
    }
}

/// What flows through a batch node whose prep is sound.
template <class T>
struct BatchFlow {
    using P = PrepResult<T>;
    using Items = ItemsOf<P>;
    using Value = typename Items::Value;
    using Argument = typename Items::Argument;
    using State = typename decltype(thread_state_type<T>())::type;
    static constexpr bool has_state = !std::is_void_v<State>;
    static constexpr bool is_bulk = ExecBatch::named<T>;
};

/// Calls an item phase, with the state if there is one.
template <class Phase, class Flow, class T, class State, class... Args>
decltype(auto) call_items(const T& node, const Context& context, State* state, Args&&... args) {
    if constexpr (Flow::has_state) {
        return call<Phase>(node, context, std::forward<Args>(args)..., *state);
    } else {
        return call<Phase>(node, context, std::forward<Args>(args)...);
    }
}

template <class Phase, class Flow, class T, class... Args>
consteval bool items_taken() {
    if constexpr (Flow::has_state) {
        return takes<Phase, T, Args..., typename Flow::State&>;
    } else {
        return takes<Phase, T, Args...>;
    }
}

/// Whether exec, for one item, takes a context.
template <class T, class Flow>
consteval bool exec_takes_context() {
    if constexpr (!Exec::named<T>) {
        return false;
    } else if constexpr (Flow::has_state) {
        return Exec::
            template calls<const T, typename Flow::Argument, typename Flow::State&, const Context&>;
    } else {
        return Exec::template calls<const T, typename Flow::Argument, const Context&>;
    }
}

/// Judges exec for one item; see `exec_fault` for nodes with one exec.
template <class T, class Flow>
constexpr auto item_exec_fault() {
    using Argument = typename Flow::Argument;
    if constexpr (items_taken<Exec, Flow, const T, Argument>()) {
        return std::type_identity<Sound>{};
    } else if constexpr (items_taken<Exec, Flow, T, Argument>()) {
        return std::type_identity<exec_must_be_const<T>>{};
    } else if constexpr (takes<Exec, const T, Argument, Store&> || takes<Exec, const T, Argument, const Store&> || takes<Exec, const T, Store&> || takes<Exec, const T, const Store&>) {
        return std::type_identity<exec_must_not_take_the_store<T>>{};
    } else if constexpr (Flow::has_state && takes<Exec, const T, Argument>) {
        return std::type_identity<thread_state_must_be_taken<T, typename Flow::State>>{};
    } else {
        return std::type_identity<exec_must_accept<T, typename Flow::Value>>{};
    }
}

/// Judges row_length, which belongs to a matrix of results and to nothing else.
template <class T, bool IsRows>
constexpr auto row_length_fault() {
    if constexpr (IsRows != RowLength::named<T>) {
        return std::type_identity<row_length_must_give_the_width<T>>{};
    } else if constexpr (!IsRows) {
        return std::type_identity<Sound>{};
    } else if constexpr (!takes<RowLength, const T>) {
        return std::type_identity<row_length_must_give_the_width<T>>{};
    } else if constexpr (!std::is_convertible_v<ResultOf<RowLength, T>, std::size_t>) {
        return std::type_identity<row_length_must_give_the_width<T>>{};
    } else {
        return std::type_identity<Sound>{};
    }
}

/// Judges exec_batch.
template <class T, class Flow>
constexpr auto bulk_exec_fault() {
    using Value = typename Flow::Value;
    using Room = typename RoomOf<decltype(&T::exec_batch)>::type;
    using Element = RoomElement<Room>;
    if constexpr (!Element::is_span && !Element::is_rows) {
        return std::type_identity<exec_batch_must_take_items_and_room<T, Value>>{};
    } else if constexpr (!is_sound<typename decltype(row_length_fault<T, Element::is_rows>()
                         )::type>) {
        return row_length_fault<T, Element::is_rows>();
    } else if constexpr (!std::is_default_constructible_v<typename Element::type>) {
        return std::type_identity<exec_batch_results_must_be_made_by_default<T>>{};
    } else if constexpr (items_taken<ExecBatch, Flow, const T, std::span<const Value>, Room>()) {
        return std::type_identity<Sound>{};
    } else if constexpr (Flow::has_state && takes<ExecBatch, const T, std::span<const Value>, Room>) {
        return std::type_identity<thread_state_must_be_taken<T, typename Flow::State>>{};
    } else {
        return std::type_identity<exec_batch_must_take_items_and_room<T, Value>>{};
    }
}

template <class T, class Flow>
constexpr auto item_phase_fault() {
    if constexpr (Flow::is_bulk) {
        return bulk_exec_fault<T, Flow>();
    } else {
        return item_exec_fault<T, Flow>();
    }
}

/// What the results of a node whose item phase is sound are: of exec, of exec_batch, or rows.
template <class T, class Flow>
consteval auto results_type() {
    if constexpr (!Flow::is_bulk) {
        using Returned = decltype(call_items<Exec, Flow>(
            std::declval<const T&>(),
            std::declval<const Context&>(),
            static_cast<typename Flow::State*>(nullptr),
            std::declval<typename Flow::Argument>()
        ));
        return std::type_identity<BatchResult<std::remove_cvref_t<Returned>>>{};
    } else {
        using Element = RoomElement<typename RoomOf<decltype(&T::exec_batch)>::type>;
        if constexpr (Element::is_rows) {
            return std::type_identity<BatchRows<typename Element::type>>{};
        } else {
            return std::type_identity<BatchResult<typename Element::type>>{};
        }
    }
}
template <class T>
using ResultsOf = typename decltype(results_type<T, BatchFlow<T>>())::type;

/// Judges exec_fallback for one item.
template <class T, class Flow, class Results>
constexpr auto item_fallback_fault() {
    using Element = typename ResultKind<Results>::Element;
    using Argument = typename Flow::Argument;
    using Error = const std::exception&;
    if constexpr (!ExecFallback::named<T>) {
        return std::type_identity<Sound>{};
    } else if constexpr (ResultKind<Results>::is_rows) {
        if constexpr (takes<ExecFallback, const T, Argument, Error, std::span<Element>>) {
            return std::type_identity<Sound>{};
        } else {
            return std::type_identity<
                exec_fallback_must_fill_the_row<T, typename Flow::Value, Element>>{};
        }
    } else if constexpr (!takes<ExecFallback, const T, Argument, Error>) {
        return std::type_identity<
            exec_fallback_must_stand_in_for_exec<T, typename Flow::Value, Element>>{};
    } else if constexpr (std::is_void_v<Element> || std::is_convertible_v<ResultOf<ExecFallback, T, Argument, Error>, Element>) {
        return std::type_identity<Sound>{};
    } else {
        return std::type_identity<
            exec_fallback_must_stand_in_for_exec<T, typename Flow::Value, Element>>{};
    }
}

template <class T, class Flow>
constexpr auto items_to_post_fault() {
    if constexpr (!std::
                      is_same_v<decltype(item_phase_fault<T, Flow>()), std::type_identity<Sound>>) {
        return item_phase_fault<T, Flow>();
    } else {
        using Results = ResultsOf<T>;
        return first_fault(
            item_fallback_fault<T, Flow, Results>(), last_fault<T, typename Flow::P, Results>()
        );
    }
}

/// Judges thread_state.
template <class T>
constexpr auto thread_state_fault() {
    if constexpr (!ThreadState::named<T>) {
        return std::type_identity<Sound>{};
    } else if constexpr (!takes<ThreadState, const T>) {
        return std::type_identity<thread_state_must_be_made<T>>{};
    } else if constexpr (std::is_void_v<ResultOf<ThreadState, T>>) {
        return std::type_identity<thread_state_must_be_made<T>>{};
    } else {
        return std::type_identity<Sound>{};
    }
}

/// Judges a batch node.
template <class T>
constexpr auto batch_fault() {
    if constexpr (!is_sound<CommonFault<T>>) {
        return std::type_identity<CommonFault<T>>{};
    } else if constexpr (ValidateInput::named<T> || ValidateOutput::named<T>) {
        return std::type_identity<validation_must_be_in_a_validated_node<T>>{};
    } else if constexpr (!Prep::named<T>) {
        return std::type_identity<batch_must_have_prep<T>>{};
    } else if constexpr (!PreparedItems<PrepResult<T>>) {
        return std::type_identity<prep_must_return_items<T, PrepResult<T>>>{};
    } else if constexpr (Exec::named<T> == ExecBatch::named<T>) {
        return std::type_identity<batch_must_have_one_item_phase<T>>{};
    } else if constexpr (!is_sound<typename decltype(thread_state_fault<T>())::type>) {
        return thread_state_fault<T>();
    } else {
        return items_to_post_fault<T, BatchFlow<T>>();
    }
}
template <class T>
using BatchFault = typename decltype(batch_fault<T>())::type;

}  // namespace kaygraph::detail

#pragma GCC visibility pop
