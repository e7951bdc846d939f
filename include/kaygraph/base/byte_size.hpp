#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

/// @file
/// How many bytes a value occupies, with what it owns on the heap: the unit of the store's limits.

#pragma GCC visibility push(hidden)

namespace kaygraph {

template <class T>
[[nodiscard]] std::size_t bytes_of(const T& value);

namespace detail {

template <class T>
concept HasByteSize = requires(const T& value) {
    { value.byte_size() } -> std::convertible_to<std::size_t>;
};

/// Found by argument-dependent lookup, for types that cannot have the member.
template <class T>
concept HasFreeByteSize = requires(const T& value) {
    { byte_size(value) } -> std::convertible_to<std::size_t>;
};

/// A range that owns its elements; a span or another view does not.
template <class T>
concept OwningRange = std::ranges::sized_range<const T> && !std::ranges::view<T>;

/// What values of the standard library own on the heap: an overload for each kind of owner.
struct HeapBytes {
    /// An array behind a pointer, or an object of unknown type, has no size that could be asked for.
    template <class T, class Owner>
    static std::size_t of_owned(const Owner& owner) {
        if constexpr (std::is_void_v<T> || std::is_array_v<T>) {
            return 0;
        } else {
            return owner ? bytes_of(*owner) : 0;
        }
    }
    template <class C>
    static std::size_t of(const std::basic_string<C>& text) {
        const std::size_t in_place = std::basic_string<C>{}.capacity();
        return text.capacity() <= in_place ? 0 : (text.capacity() + 1) * sizeof(C);
    }
    template <class T>
    static std::size_t of(const std::optional<T>& value) {
        return value ? beyond(*value) : 0;
    }
    template <class T, class D>
    static std::size_t of(const std::unique_ptr<T, D>& owner) {
        return of_owned<T>(owner);
    }
    template <class T>
    static std::size_t of(const std::shared_ptr<T>& owner) {
        return of_owned<T>(owner);
    }
    template <class... T>
    static std::size_t of(const std::variant<T...>& value) {
        return std::visit([](const auto& held) { return beyond(held); }, value);
    }
    template <class A, class B>
    static std::size_t of(const std::pair<A, B>& pair) {
        return beyond(pair.first) + beyond(pair.second);
    }
    template <class... T>
    static std::size_t of(const std::tuple<T...>& tuple) {
        return std::apply(
            [](const auto&... parts) { return (std::size_t{0} + ... + beyond(parts)); }, tuple
        );
    }
    template <class T, std::size_t N>
    static std::size_t of(const std::array<T, N>& elements) {
        std::size_t bytes = 0;
        for (const T& element : elements) {
            bytes += beyond(element);
        }
        return bytes;
    }
    template <class T>
    static std::size_t of(const T& value) {
        if constexpr (OwningRange<T>) {
            return of_elements(value);
        } else {
            return 0;
        }
    }

private:
    /// What a part of a value owns; the part itself is counted with its whole.
    template <class T>
    static std::size_t beyond(const T& part) {
        return std::max(bytes_of(part), sizeof(T)) - sizeof(T);
    }

    template <class Range>
    static std::size_t of_elements(const Range& range) {
        using Element = std::ranges::range_value_t<const Range>;
        constexpr std::size_t links_bytes =  // of lists and trees
            std::ranges::contiguous_range<const Range> ? 0 : 4 * sizeof(void*);
        std::size_t bytes = std::ranges::size(range) * links_bytes;
        if constexpr (std::is_trivially_copyable_v<Element>) {
            bytes += std::ranges::size(range) * sizeof(Element);
        } else {
            for (const auto& element : range) {
                bytes += bytes_of(static_cast<const Element&>(element));
            }
        }
        return bytes;
    }
};

}  // namespace detail

/// Returns the bytes a value occupies: sizeof, plus what standard containers, strings, pairs, tuples,
/// optionals, variants and owning pointers hold on the heap. Another type states its own size in a
/// member `std::size_t byte_size() const` or a free function `std::size_t byte_size(const T&)` beside
/// it; without one its sizeof counts. Views count as themselves, and so do pointers that own an array.
/// Node links and spare capacity of containers are estimated, strings are exact.
/// @par MPI Local.
/// @par Threads Any thread that may read the value.
/// Cost: O(elements) for containers of types that may own memory, else O(1).
template <class T>
std::size_t bytes_of(const T& value) {
    if constexpr (detail::HasByteSize<T>) {
        return value.byte_size();
    } else if constexpr (detail::HasFreeByteSize<T>) {
        return byte_size(value);
    } else if constexpr (std::is_trivially_copyable_v<T>) {
        return sizeof(T);
    } else {
        return sizeof(T) + detail::HeapBytes::of(value);
    }
}

}  // namespace kaygraph

#pragma GCC visibility pop
