#pragma once

#include <kaygraph/graph/detail/common_phases.hpp>
#include <kaygraph/graph/detail/held.hpp>
#include <kaygraph/graph/detail/shape.hpp>
#include <kaygraph/graph/node.hpp>

#include <exception>
#include <type_traits>
#include <utility>

/// @file
/// Nodes with one exec: Node, ValidatedNode, MetricsNode. What flows: P from prep, V out of
/// validate_input into exec, R out of exec, O out of validate_output on to post.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

template <class Class, class Type>
struct validate_input_must_accept {
    static_assert(
        always_false<Class>,
        "kaygraph: validate_input takes what prep returns and returns the input of exec: see "
        "validate_input_must_accept<Class, Type>"
    );
};
template <class Class, class Type>
struct validate_output_must_accept {
    static_assert(
        always_false<Class>,
        "kaygraph: validate_output takes what exec returns: see validate_output_must_accept<Class, "
        "Type>"
    );
};

/// The type that a phase makes of an input; the input's own where there is no such phase.
template <class Phase, class T, class In, class Arg>
consteval auto result_or_input() {
    if constexpr (Phase::template named<T>) {
        return result_for_input<Phase, T, Arg>();
    } else {
        return std::type_identity<In>{};
    }
}
template <class T, class P>
using ValidatedInput = typename decltype(result_or_input<ValidateInput, T, P, ConstRef<P>>())::type;
template <class T, class R>
using ValidatedOutput = typename decltype(result_or_input<ValidateOutput, T, R, R>())::type;

template <class T, class V>
consteval auto exec_result() {
    if constexpr (Exec::named<T>) {
        return result_for_input<Exec, T, ConstRef<V>>();
    } else {
        return std::type_identity<void>{};
    }
}
template <class T, class V>
using ExecResult = std::remove_cvref_t<typename decltype(exec_result<T, V>())::type>;

template <class T, class In>
inline constexpr bool exec_wants_the_store =
    takes<
        Exec,
        const T,
        Store&> || takes<Exec, const T, const Store&> || takes<Exec, const T, In, Store&> || takes<Exec, const T, In, const Store&> || takes<Exec, const T, Store&, In> || takes<Exec, const T, const Store&, In>;

/// Judges exec for an input V, which may be void.
template <class T, class V>
constexpr auto exec_fault() {
    if constexpr (!Exec::named<T> || takes_input<Exec, const T, ConstRef<V>>()) {
        return std::type_identity<Sound>{};
    } else if constexpr (takes_input<Exec, T, ConstRef<V>>()) {
        return std::type_identity<exec_must_be_const<T>>{};
    } else if constexpr (exec_wants_the_store<T, ConstRef<V>>) {
        return std::type_identity<exec_must_not_take_the_store<T>>{};
    } else {
        return std::type_identity<exec_must_accept<T, V>>{};
    }
}

/// True where exec_fallback can be called for an input V, which may be void.
template <class T, class V>
consteval bool fallback_takes() {
    if constexpr (std::is_void_v<V>) {
        return takes<ExecFallback, const T, const std::exception&>;
    } else {
        return takes<ExecFallback, const T, ConstRef<V>, const std::exception&>;
    }
}

/// Calls exec_fallback for an input that is held, or for none.
template <class V, class T, class Input>
decltype(auto) call_fallback(
    const T& node,
    const Context& context,
    const Input& input,
    const std::exception& error
) {
    if constexpr (std::is_void_v<V>) {
        return call<ExecFallback>(node, context, error);
    } else {
        return call<ExecFallback>(node, context, input.get(), error);
    }
}

/// Judges exec_fallback for an input V and a result R of exec.
template <class T, class V, class R>
constexpr auto fallback_fault() {
    if constexpr (!ExecFallback::named<T>) {
        return std::type_identity<Sound>{};
    } else if constexpr (!fallback_takes<T, V>()) {
        return std::type_identity<exec_fallback_must_stand_in_for_exec<T, V, R>>{};
    } else {
        using Returned = decltype(call_fallback<V>(
            std::declval<const T&>(),
            std::declval<const Context&>(),
            std::declval<const Held<V>&>(),
            std::declval<const std::exception&>()
        ));
        if constexpr (std::is_void_v<R> || std::is_convertible_v<Returned, R>) {
            return std::type_identity<Sound>{};
        } else {
            return std::type_identity<exec_fallback_must_stand_in_for_exec<T, V, R>>{};
        }
    }
}

/// Judges what comes after the input of exec is known.
template <class T, class P, class V>
constexpr auto exec_to_post_fault() {
    if constexpr (!std::is_same_v<decltype(exec_fault<T, V>()), std::type_identity<Sound>>) {
        return exec_fault<T, V>();
    } else {
        using R = ExecResult<T, V>;
        if constexpr (!std::is_same_v<
                          decltype(fallback_fault<T, V, R>()),
                          std::type_identity<Sound>>) {
            return fallback_fault<T, V, R>();
        } else if constexpr (ValidateOutput::named<T> && !takes<ValidateOutput, const T, R>) {
            return std::type_identity<validate_output_must_accept<T, R>>{};
        } else {
            return last_fault<T, P, std::remove_cvref_t<ValidatedOutput<T, R>>>();
        }
    }
}

/// Judges a node with one exec.
template <class T>
constexpr auto single_fault() {
    if constexpr (!std::is_same_v<CommonFault<T>, Sound>) {
        return std::type_identity<CommonFault<T>>{};
    } else if constexpr (ExecBatch::named<T> || RowLength::named<T> || ThreadState::named<T>) {
        return std::type_identity<item_phases_must_be_in_a_batch_node<T>>{};
    } else if constexpr (T::node_kind != NodeKind::validated && (ValidateInput::named<T> || ValidateOutput::named<T>)) {
        return std::type_identity<validation_must_be_in_a_validated_node<T>>{};
    } else {
        using P = PrepResult<T>;
        if constexpr (ValidateInput::named<T> && !takes<ValidateInput, const T, ConstRef<P>>) {
            return std::type_identity<validate_input_must_accept<T, P>>{};
        } else {
            return exec_to_post_fault<T, P, ValidatedInput<T, P>>();
        }
    }
}
template <class T>
using SingleFault = typename decltype(single_fault<T>())::type;

template <class T>
class SinglePhases final : public CommonPhases<T>, private Attempts {
    using P = PrepResult<T>;
    using CommonPhases<T>::node_;
    using CommonPhases<T>::prepared_;
    using V = ValidatedInput<T, P>;
    using R = ExecResult<T, V>;
    using O = std::remove_cvref_t<ValidatedOutput<T, R>>;
    using Use = FlowUse<T, P, O>;

public:
    SinglePhases(const T& node, const Retry& retry, bool is_at_root) noexcept
        : CommonPhases<T>(node), retry_(retry), is_at_root_(is_at_root) {}

    /// The type of what rank 0 makes for all that cannot be serialised; empty where there is none.
    static std::string_view stuck_flow() noexcept {
        if constexpr (Use::of_prep && !travels<P>) {
            return type_name<P>();
        } else if constexpr (Use::of_result && !travels<O>) {
            return type_name<O>();
        } else {
            return {};
        }
    }

    void exec(Visit& visit) override {
        if constexpr (ValidateInput::named<T>) {
            validated_.set([&]() -> decltype(auto) {
                return call<ValidateInput>(node_, context_of(visit), prepared_.get());
            });
        }
        if constexpr (Exec::named<T>) {
            run_attempts(visit, retry_, *this);
        }
        if constexpr (ValidateOutput::named<T>) {
            output_.set([&]() -> decltype(auto) {
                return call<ValidateOutput>(node_, context_of(visit), result_.template pass<R>());
            });
        }
    }

    void after_exec(const Store& store, const Context& context) override {
        this->template call_after_exec<O>(store, context, made());
    }
    Action post(Store& store, const Context& context) override {
        return this->template call_post<O>(store, context, made());
    }

    [[nodiscard]] bool is_at_root() const noexcept override { return is_at_root_; }
    std::vector<std::byte> encode_flow() override {
        Encoder encoder;
        if constexpr (Use::of_prep && travels<P>) {
            encoder.put(prepared_.get());
        }
        if constexpr (Use::of_result && travels<O>) {
            encoder.put(made().get());
        }
        return encoder.take();
    }
    void decode_flow(std::span<const std::byte> bytes) override {
        Decoder decoder{bytes};
        if constexpr (Use::of_prep && travels<P>) {
            prepared_.set([&] { return decoder.take<P>(); });
        }
        if constexpr (Use::of_result && travels<O>) {
            made().set([&] { return decoder.take<O>(); });
        }
    }

private:
    void attempt(const Context& context) override {
        if constexpr (Exec::named<T>) {
            result_.set([&]() -> decltype(auto) {
                if constexpr (std::is_void_v<V>) {
                    return call<Exec>(node_, context);
                } else {
                    return call<Exec>(node_, context, input().get());
                }
            });
        }
    }

    [[nodiscard]] bool has_fallback() const noexcept override { return ExecFallback::named<T>; }

    void fallback(const std::exception& error, const Context& context) override {
        if constexpr (ExecFallback::named<T>) {
            result_.set([&]() -> R { return call_fallback<V>(node_, context, input(), error); });
        }
    }

    /// What exec takes.
    const auto& input() const noexcept {
        if constexpr (ValidateInput::named<T>) {
            return validated_;
        } else {
            return prepared_;
        }
    }
    /// What post takes.
    auto& made() noexcept {
        if constexpr (ValidateOutput::named<T>) {
            return output_;
        } else {
            return result_;
        }
    }

    const Retry& retry_;
    const bool is_at_root_;
    Held<V> validated_;
    Held<R> result_;
    Held<O> output_;
};

}  // namespace kaygraph::detail

#pragma GCC visibility pop
