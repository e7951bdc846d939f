#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

/// @file
/// The fields of an aggregate, found without a word from its author: how many there are, and each by
/// reference, in order. Seen are aggregates of up to 16 fields without bases, unions and C arrays; of
/// all others nothing is known.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

inline constexpr std::size_t max_fields = 16;

template <class T, class Field>
inline constexpr bool is_base_or_union =
    std::is_union_v<Field> || (std::is_base_of_v<Field, T> && !std::is_same_v<Field, T>);

// Both convert in silence: that is how a T tells which fields it has.
// NOLINTBEGIN(google-explicit-constructor)
/// Initialises any field of a T, but no base and no union.
template <class T>
struct AnyField {
    template <class Field>
    requires(!std::is_same_v<Field, T> && !is_base_or_union<T, Field>) operator Field() const {
        __builtin_unreachable();
    }
};
/// Initialises a base or a union in a T, and nothing else.
template <class T>
struct AnyBaseOrUnion {
    template <class Field>
    requires is_base_or_union<T, Field>
    operator Field() const { __builtin_unreachable(); }
};
// NOLINTEND(google-explicit-constructor)

/// True where T{a, a, …} is valid, with n initialisers.
template <class T, std::size_t... I>
consteval bool takes_fields(std::index_sequence<I...> /*n*/) {
    return requires {
        T{((void)I, AnyField<T>{})...};
    };
}
/// True where T{a, …, {}, a, …} is valid.
template <class T, std::size_t... I, std::size_t... J>
consteval bool takes_empty(std::index_sequence<I...> /*before*/, std::index_sequence<J...>) {
    return requires {
        T{((void)I, AnyField<T>{})..., {}, ((void)J, AnyField<T>{})...};
    };
}
template <class T, std::size_t... I, std::size_t... J>
consteval bool takes_base_or_union(
    std::index_sequence<I...> /*before*/,
    std::index_sequence<J...> /*behind*/
) {
    return requires {
        T{((void)I, AnyField<T>{})..., AnyBaseOrUnion<T>{}, ((void)J, AnyField<T>{})...};
    };
}

/// The largest number of initialisers that a T takes, or -1.
template <class T, std::size_t N>
consteval int most_initialisers() {
    if constexpr (takes_fields<T>(std::make_index_sequence<N>{})) {
        return static_cast<int>(N);
    } else if constexpr (N == 0) {
        return -1;
    } else {
        return most_initialisers<T, N - 1>();
    }
}

/// True where each of N initialisers stands for one field. A C array takes one for each element: with
/// `{}` in its place those behind it are too many.
template <class T, std::size_t N, std::size_t... I>
consteval bool are_fields(std::index_sequence<I...> /*n*/) {
    return (
        (takes_empty<T>(std::make_index_sequence<I>{}, std::make_index_sequence<N - 1 - I>{})
         && !takes_base_or_union<T>(
             std::make_index_sequence<I>{}, std::make_index_sequence<N - 1 - I>{}
         ))
        && ...
    );
}

template <class T>
consteval int count_fields() {
    if constexpr (!std::is_class_v<T> || !std::is_aggregate_v<T>) {
        return -1;
    } else {
        constexpr int n = most_initialisers<T, max_fields>();
        constexpr auto size = static_cast<std::size_t>(n < 0 ? 0 : n);
        constexpr auto all = std::make_index_sequence<size>{};
        if constexpr (n < 0 || takes_empty<T>(all, std::index_sequence<>{})) {
            return -1;  // there are fields behind those that could be counted
        } else {
            return are_fields<T, size>(all) ? n : -1;
        }
    }
}

/// The number of fields of an aggregate; -1 for a type whose fields cannot be seen.
/// Source: counting by initialisers is the method of Boost.PFR (A. Polukhin).
template <class T>
inline constexpr int n_fields = count_fields<T>();

/// Calls `use(field, …)` with all fields of an aggregate, and returns what it returns.
template <class T, class Use>
constexpr decltype(auto) with_fields(T& value, Use&& use) {
    constexpr int n = n_fields<std::remove_const_t<T>>;
    static_assert(n >= 0, "kaygraph: the fields of this type cannot be seen");
#define KAYGRAPH_WITH(count, ...)    \
    if constexpr (n == (count)) {    \
        auto& [__VA_ARGS__] = value; \
        return use(__VA_ARGS__);     \
    } else
    // clang-format off
    KAYGRAPH_WITH(1, a)
    KAYGRAPH_WITH(2, a, b)
    KAYGRAPH_WITH(3, a, b, c)
    KAYGRAPH_WITH(4, a, b, c, d)
    KAYGRAPH_WITH(5, a, b, c, d, e)
    KAYGRAPH_WITH(6, a, b, c, d, e, f)
    KAYGRAPH_WITH(7, a, b, c, d, e, f, g)
    KAYGRAPH_WITH(8, a, b, c, d, e, f, g, h)
    KAYGRAPH_WITH(9, a, b, c, d, e, f, g, h, i)
    KAYGRAPH_WITH(10, a, b, c, d, e, f, g, h, i, j)
    KAYGRAPH_WITH(11, a, b, c, d, e, f, g, h, i, j, k)
    KAYGRAPH_WITH(12, a, b, c, d, e, f, g, h, i, j, k, l)
    KAYGRAPH_WITH(13, a, b, c, d, e, f, g, h, i, j, k, l, m)
    KAYGRAPH_WITH(14, a, b, c, d, e, f, g, h, i, j, k, l, m, o)
    KAYGRAPH_WITH(15, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p)
    KAYGRAPH_WITH(16, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q)
    // clang-format on
    {
        return use();
    }
#undef KAYGRAPH_WITH
}

}  // namespace kaygraph::detail

#pragma GCC visibility pop
