#pragma once

#include <kaygraph/graph/action.hpp>
#include <kaygraph/graph/context.hpp>
#include <kaygraph/graph/detail/held.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/graph/store.hpp>

#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

/// @file
/// How the phases of a node class are found, called and judged. The judges compute a fault: the type of
/// the first thing that is wrong with a class, or Sound. A fault is instantiated once (`report`); its
/// static_assert says what is wrong, and its name in the compiler's instantiation line says where.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

template <class... T>
inline constexpr bool always_false = false;

/// No fault.
struct Sound {};

template <class Fault>
inline constexpr bool is_sound = std::is_same_v<Fault, Sound>;

/// Instantiates a fault, so that it speaks.
template <class Fault>
void report() {
    static_cast<void>(sizeof(Fault));
}

// What can be asked of a phase by its name.
//   named<T>       T has a member of that name, whatever its access and overloads: beside another
//                  member of the name its lookup is ambiguous
//   single<T>      it is one public function (or a callable object)
//   calls<T, A…>   it can be called so
#define KAYGRAPH_PHASE(Phase, phase)                                                               \
    struct Phase {                                                                                 \
        struct Other {                                                                             \
            int phase;                                                                             \
        };                                                                                         \
        template <class T>                                                                         \
        struct Lookup : T, Other {};                                                               \
        template <class T>                                                                         \
        static constexpr bool named = !requires {                                                  \
            &Lookup<T>::phase;                                                                     \
        };                                                                                         \
        template <class T>                                                                         \
        static constexpr bool single = requires {                                                  \
            &T::phase;                                                                             \
        };                                                                                         \
        template <class T, class... Args>                                                          \
        static constexpr bool calls = requires(T & node, Args&&... args) {                         \
            node.phase(std::forward<Args>(args)...);                                               \
        };                                                                                         \
        template <class T, class... Args>                                                          \
        static decltype(auto) call(T& node, Args&&... args) {                                      \
            return node.phase(std::forward<Args>(args)...);                                        \
        }                                                                                          \
    };                                                                                             \
    template <class Class>                                                                         \
    struct phase##_must_be_one_public_function {                                                   \
        static_assert(                                                                             \
            always_false<Class>,                                                                   \
            "kaygraph: a phase is one public, non-overloaded, non-template member function; "      \
            "'" #phase "' is private, overloaded or a template"                                    \
        );                                                                                         \
    };                                                                                             \
    template <class Class>                                                                         \
    struct phase##_must_be_const {                                                                 \
        static_assert(                                                                             \
            always_false<Class>,                                                                   \
            "kaygraph: nodes do not change while a graph runs; make '" #phase "' a const function" \
        );                                                                                         \
    };                                                                                             \
    template <class T>                                                                             \
    constexpr auto name_fault(Phase /*phase*/) {                                                   \
        if constexpr (Phase::template named<T> && !Phase::template single<T>) {                    \
            return std::type_identity<phase##_must_be_one_public_function<T>>{};                   \
        } else {                                                                                   \
            return std::type_identity<Sound>{};                                                    \
        }                                                                                          \
    }

KAYGRAPH_PHASE(BeforePrep, before_prep)
KAYGRAPH_PHASE(Prep, prep)
KAYGRAPH_PHASE(ValidateInput, validate_input)
KAYGRAPH_PHASE(Exec, exec)
KAYGRAPH_PHASE(ExecBatch, exec_batch)
KAYGRAPH_PHASE(RowLength, row_length)
KAYGRAPH_PHASE(ThreadState, thread_state)
KAYGRAPH_PHASE(ExecFallback, exec_fallback)
KAYGRAPH_PHASE(ValidateOutput, validate_output)
KAYGRAPH_PHASE(AfterExec, after_exec)
KAYGRAPH_PHASE(Post, post)
KAYGRAPH_PHASE(OnError, on_error)
#undef KAYGRAPH_PHASE

template <class Phase, class T, class... Args>
consteval bool can_take() {
    if constexpr ((std::is_void_v<Args> || ...)) {
        return false;
    } else {
        constexpr bool with_context = Phase::template calls<T, Args..., const Context&>;
        constexpr bool without = Phase::template calls<T, Args...>;
        return with_context || without;
    }
}
/// True where T's phase can be called with these arguments, with or without a context behind them. No
/// phase takes a void.
template <class Phase, class T, class... Args>
inline constexpr bool takes = can_take<Phase, T, Args...>();

/// Calls a phase, with the context behind the arguments if it wants one.
template <class Phase, class T, class... Args>
decltype(auto) call(T& node, const Context& context, Args&&... args) {
    if constexpr (Phase::template calls<T, Args..., const Context&>) {
        return Phase::call(node, std::forward<Args>(args)..., context);
    } else {
        return Phase::call(node, std::forward<Args>(args)...);
    }
}

/// What it returns.
template <class Phase, class T, class... Args>
using ResultOf = decltype(call<Phase>(
    std::declval<const T&>(),
    std::declval<const Context&>(),
    std::declval<Args>()...
));

// ---- faults that all kinds share

template <class Class>
struct prep_must_read_a_const_store {
    static_assert(
        always_false<Class>,
        "kaygraph: prep takes (const kg::Store&), with const kg::Context& behind it if wanted; it "
        "reads, post writes"
    );
};
template <class Class, class Type>
struct exec_must_accept {
    static_assert(
        always_false<Class>,
        "kaygraph: exec must accept what prep returns: see exec_must_accept<Class, Type> for the "
        "class and the type that exec cannot take"
    );
};
template <class Class>
struct exec_must_not_take_the_store {
    static_assert(
        always_false<Class>,
        "kaygraph: exec gets no store; read what it needs in prep, write what it made in post"
    );
};
template <class Class, class PrepResult, class ExecResult>
struct post_must_accept {
    static_assert(
        always_false<Class>,
        "kaygraph: post takes (kg::Store&), (kg::Store&, exec result) or (kg::Store&, const prep "
        "result&, exec result), without an exec result also (kg::Store&, const prep result&), and "
        "const kg::Context& behind them if wanted; a batch gives a kg::BatchResult<R> or "
        "kg::BatchRows<T>: see "
        "post_must_accept<Class, PrepResult, ExecResult>"
    );
};
template <class Class, class Type>
struct post_must_return_an_action {
    static_assert(
        always_false<Class>,
        "kaygraph: post returns a kg::Action (a string is one) or nothing: see "
        "post_must_return_an_action<Class, Type>"
    );
};
template <class Class, class Input, class Result>
struct exec_fallback_must_stand_in_for_exec {
    static_assert(
        always_false<Class>,
        "kaygraph: exec_fallback takes (const input of exec&, const std::exception&) and returns "
        "what exec returns: see exec_fallback_must_stand_in_for_exec<Class, Input, Result>"
    );
};
template <class Class>
struct before_prep_must_read_a_const_store {
    static_assert(always_false<Class>, "kaygraph: before_prep takes (const kg::Store&)");
};
template <class Class>
struct after_exec_must_accept {
    static_assert(
        always_false<Class>,
        "kaygraph: after_exec takes (const kg::Store&), (const kg::Store&, const exec result&) or "
        "(const kg::Store&, const prep result&, const exec result&)"
    );
};
template <class Class>
struct on_error_must_decide {
    static_assert(
        always_false<Class>,
        "kaygraph: on_error takes (kg::Store&, const std::exception&) and returns a bool"
    );
};
template <class Class>
struct node_must_not_be_final {
    static_assert(
        always_false<Class>,
        "kaygraph: a node class may not be final; its phases could not be looked up"
    );
};
template <class Class>
struct validation_must_be_in_a_validated_node {
    static_assert(
        always_false<Class>,
        "kaygraph: validate_input and validate_output are phases of a kg::ValidatedNode; derive "
        "from it"
    );
};
template <class Class>
struct item_phases_must_be_in_a_batch_node {
    static_assert(
        always_false<Class>,
        "kaygraph: exec_batch, row_length and thread_state are phases of kg::BatchNode and "
        "kg::ParallelBatchNode; derive from one"
    );
};

/// What a phase is given of an earlier phase's result; void stays void, which no phase takes.
template <class X>
using ConstRef = std::add_lvalue_reference_t<const std::remove_reference_t<X>>;

/// True where a phase can be called with an input that is nothing where In is void.
template <class Phase, class T, class In>
consteval bool takes_input() {
    if constexpr (std::is_void_v<In>) {
        return takes<Phase, T>;
    } else {
        return takes<Phase, T, In>;
    }
}

/// What it returns then.
template <class Phase, class T, class In>
consteval auto result_for_input() {
    if constexpr (std::is_void_v<In>) {
        return std::type_identity<ResultOf<Phase, T>>{};
    } else {
        return std::type_identity<ResultOf<Phase, T, In>>{};
    }
}

/// What prep returns; void where there is none.
template <class T>
consteval auto prep_result() {
    if constexpr (!Prep::named<T>) {
        return std::type_identity<void>{};
    } else {
        return std::type_identity<ResultOf<Prep, T, const Store&>>{};
    }
}
template <class T>
using PrepResult = typename decltype(prep_result<T>())::type;

/// The first of several faults.
template <class First, class... Others>
constexpr auto first_fault(std::type_identity<First> first, Others... others) {
    if constexpr (sizeof...(Others) == 0 || !std::is_same_v<First, Sound>) {
        return first;
    } else {
        return first_fault(others...);
    }
}

template <class T>
constexpr auto name_faults() {
    return first_fault(
        name_fault<T>(BeforePrep{}),
        name_fault<T>(Prep{}),
        name_fault<T>(ValidateInput{}),
        name_fault<T>(Exec{}),
        name_fault<T>(ExecBatch{}),
        name_fault<T>(RowLength{}),
        name_fault<T>(ThreadState{}),
        name_fault<T>(ExecFallback{}),
        name_fault<T>(ValidateOutput{}),
        name_fault<T>(AfterExec{}),
        name_fault<T>(Post{}),
        name_fault<T>(OnError{})
    );
}

/// Judges what on_error returns.
template <class T>
constexpr auto on_error_result_fault() {
    if constexpr (std::
                      is_convertible_v<ResultOf<OnError, T, Store&, const std::exception&>, bool>) {
        return std::type_identity<Sound>{};
    } else {
        return std::type_identity<on_error_must_decide<T>>{};
    }
}

/// Judges the phases that have the same form in all kinds.
template <class T>
constexpr auto common_fault() {
    if constexpr (std::is_final_v<T>) {
        return std::type_identity<node_must_not_be_final<T>>{};
    } else if constexpr (!std::is_same_v<decltype(name_faults<T>()), std::type_identity<Sound>>) {
        return name_faults<T>();
    } else if constexpr (Prep::named<T> && !takes<Prep, const T, const Store&>) {
        if constexpr (takes<Prep, T, const Store&>) {
            return std::type_identity<prep_must_be_const<T>>{};
        } else {
            return std::type_identity<prep_must_read_a_const_store<T>>{};
        }
    } else if constexpr (BeforePrep::named<T> && !takes<BeforePrep, const T, const Store&>) {
        return std::type_identity<before_prep_must_read_a_const_store<T>>{};
    } else if constexpr (OnError::named<T> && !takes<OnError, const T, Store&, const std::exception&>) {
        return std::type_identity<on_error_must_decide<T>>{};
    } else if constexpr (OnError::named<T>) {
        return on_error_result_fault<T>();
    } else {
        return std::type_identity<Sound>{};
    }
}
template <class T>
using CommonFault = typename decltype(common_fault<T>())::type;

/// Which results a phase takes behind the store.
enum class Takes { nothing, result, prep, prep_and_result, wrong };

template <class Phase, class T, class StoreArg, class P, class R>
consteval Takes forms() {
    if constexpr (takes<Phase, const T, StoreArg, ConstRef<P>, R>) {
        return Takes::prep_and_result;
    } else if constexpr (takes<Phase, const T, StoreArg, R>) {
        return Takes::result;
    } else if constexpr (std::is_void_v<R> && takes<Phase, const T, StoreArg, ConstRef<P>>) {
        return Takes::prep;
    } else if constexpr (takes<Phase, const T, StoreArg>) {
        return Takes::nothing;
    } else {
        return Takes::wrong;
    }
}

/// Calls post or after_exec with the results that it takes.
template <class Phase, class P, class R, class T, class StoreArg, class PrepHeld, class ResultHeld>
decltype(auto) call_form(
    const T& node,
    const Context& context,
    StoreArg& store,
    const PrepHeld& prep,
    ResultHeld& result
) {
    constexpr Takes form = forms<Phase, T, StoreArg&, P, R>();
    if constexpr (form == Takes::prep_and_result) {
        return call<Phase>(node, context, store, prep.get(), result.template pass<R>());
    } else if constexpr (form == Takes::result) {
        return call<Phase>(node, context, store, result.template pass<R>());
    } else if constexpr (form == Takes::prep) {
        return call<Phase>(node, context, store, prep.get());
    } else {
        return call<Phase>(node, context, store);
    }
}

template <class T, class P, class R>
using PostResult = decltype(call_form<Post, P, R>(
    std::declval<const T&>(),
    std::declval<const Context&>(),
    std::declval<Store&>(),
    std::declval<Held<P>&>(),
    std::declval<Held<R>&>()
));

/// Judges after_exec and post, given what prep returned and what exec made of it.
template <class T, class P, class R>
constexpr auto last_fault() {
    if constexpr (AfterExec::named<T> && forms<AfterExec, T, const Store&, P, ConstRef<R>>() == Takes::wrong) {
        return std::type_identity<after_exec_must_accept<T>>{};
    } else if constexpr (!Post::named<T>) {
        return std::type_identity<Sound>{};
    } else if constexpr (forms<Post, T, Store&, P, R>() == Takes::wrong) {
        return std::type_identity<post_must_accept<T, P, R>>{};
    } else {
        using Returned = PostResult<T, P, R>;
        if constexpr (std::is_void_v<Returned> || std::is_convertible_v<Returned, Action>) {
            return std::type_identity<Sound>{};
        } else {
            return std::type_identity<post_must_return_an_action<T, Returned>>{};
        }
    }
}

}  // namespace kaygraph::detail

#pragma GCC visibility pop
