#pragma once

#include <kaygraph/base/codec.hpp>
#include <kaygraph/graph/detail/held.hpp>
#include <kaygraph/graph/detail/phases.hpp>
#include <kaygraph/graph/detail/shape.hpp>

#include <exception>
#include <type_traits>

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

/// Which results post takes, and which after_exec does.
template <class T, class P, class R>
consteval Takes taken_by_post() {
    if constexpr (Post::named<T>) {
        return forms<Post, T, Store&, P, R>();
    } else {
        return Takes::nothing;
    }
}
template <class T, class P, class R>
consteval Takes taken_by_after_exec() {
    if constexpr (AfterExec::named<T>) {
        return forms<AfterExec, T, const Store&, P, ConstRef<R>>();
    } else {
        return Takes::nothing;
    }
}
consteval bool has_part(Takes form, Takes part) {
    return form == part || form == Takes::prep_and_result;
}

/// What post and after_exec take of the flow: that is what travels from rank 0.
template <class T, class P, class R>
struct FlowUse {
    static constexpr bool of_prep =
        !std::is_void_v<
            P> && (has_part(taken_by_post<T, P, R>(), Takes::prep) || has_part(taken_by_after_exec<T, P, R>(), Takes::prep));
    static constexpr bool of_result =
        !std::is_void_v<
            R> && (has_part(taken_by_post<T, P, R>(), Takes::result) || has_part(taken_by_after_exec<T, P, R>(), Takes::result));
};

/// True for values that can travel between ranks; what a reference refers to stays where it is.
template <class X>
inline constexpr bool travels = !std::is_reference_v<X> && Encodable<X>;

/// The phases that have the same form in all kinds of node classes: those around exec.
template <class T>
class CommonPhases : public Phases {
    using P = PrepResult<T>;

public:
    explicit CommonPhases(const T& node) noexcept : node_(node) {}

    void before_prep(const Store& store, const Context& context) override {
        if constexpr (BeforePrep::named<T>) {
            call<BeforePrep>(node_, context, store);
        }
    }

    void prep(const Store& store, const Context& context) override {
        if constexpr (Prep::named<T>) {
            prepared_.set([&]() -> decltype(auto) { return call<Prep>(node_, context, store); });
        }
    }

    bool on_error(Store& store, const std::exception& error, const Context& context) override {
        if constexpr (OnError::named<T>) {
            return call<OnError>(node_, context, store, error);
        } else {
            return Phases::on_error(store, error, context);
        }
    }

protected:
    /// Calls after_exec with a result of type R.
    template <class R>
    void call_after_exec(const Store& store, const Context& context, Held<R>& result) {
        if constexpr (AfterExec::named<T>) {
            call_form<AfterExec, P, ConstRef<R>>(node_, context, store, prepared_, result);
        }
    }

    /// Calls post with a result of type R, which it may take over.
    template <class R>
    Action call_post(Store& store, const Context& context, Held<R>& result) {
        if constexpr (!Post::named<T>) {
            return {};
        } else if constexpr (std::is_void_v<PostResult<T, P, R>>) {
            call_form<Post, P, R>(node_, context, store, prepared_, result);
            return {};
        } else {
            return call_form<Post, P, R>(node_, context, store, prepared_, result);
        }
    }

    const T& node_;
    Held<P> prepared_;
};

}  // namespace kaygraph::detail

#pragma GCC visibility pop
