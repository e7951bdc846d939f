#pragma once

#include <kaygraph/base/codec_default.hpp>

#include <algorithm>
#include <array>
#include <complex>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

/// @file
/// Codecs of the standard library's strings, containers, pairs, tuples, optionals, variants, unique
/// pointers and complex numbers.
/// Unordered containers are written in the order of their elements' bytes, so that equal values have
/// equal bytes.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph {
namespace detail {

/// Vectors, deques, lists, sets and maps, by what they can do; not a class of the user's that is one and
/// names its parts.
template <class T>
concept StandardContainer = std::ranges::sized_range<const T> && requires(T& container) {
    typename T::value_type;
    typename T::allocator_type;
    container.clear();
} && !HasMemberCodec<T> && !HasFreeCodec<T>;

template <class T>
concept AppendContainer =
    StandardContainer<T> && requires(T& container, typename T::value_type value) {
    container.push_back(std::move(value));
};

template <class T>
concept UnorderedContainer = StandardContainer<T> && requires {
    typename T::hasher;
};

/// The element as it can be built: a map's value_type has a const key.
template <class T>
struct Element {
    using type = T;
};
template <class K, class V>
struct Element<std::pair<const K, V>> {
    using type = std::pair<K, V>;
};
template <class T>
using ElementOf = typename Element<typename T::value_type>::type;

inline constexpr std::size_t count_bytes = sizeof(std::uint64_t);

/// Elements whose array can be copied as one run of bytes.
template <class T>
concept CopiedInBulk = std::ranges::contiguous_range<T> && BytesAreValue<
    std::ranges::range_value_t<T>> && !std::is_same_v<std::ranges::range_value_t<T>, bool>;

/// Writes the elements in the order of their encoded bytes.
template <class T>
void encode_sorted(Encoder& encoder, const T& container);

}  // namespace detail

template <detail::StandardContainer T>
struct Codec<T> {
    using Parts = detail::TypeList<detail::ElementOf<T>>;
    static constexpr std::size_t min_bytes = detail::count_bytes;

    static void encode(Encoder& encoder, const T& container) {
        encoder.put(static_cast<std::uint64_t>(std::ranges::size(container)));
        if constexpr (detail::CopiedInBulk<const T>) {
            encoder.put_bytes(std::as_bytes(std::span{container}));
        } else if constexpr (detail::UnorderedContainer<T>) {
            detail::encode_sorted(encoder, container);
        } else {
            for (const auto& element : container) {
                encoder.put(static_cast<const typename T::value_type&>(element));
            }
        }
    }

    static T decode(Decoder& decoder) {
        using Element = detail::ElementOf<T>;
        const std::size_t count = decoder.take_count(Codec<Element>::min_bytes);
        T container;
        if constexpr (detail::CopiedInBulk<T>) {
            const std::span<const std::byte> bytes = decoder.take_bytes(count * sizeof(Element));
            container.resize(count);
            if (count != 0) {
                std::memcpy(std::ranges::data(container), bytes.data(), bytes.size());
            }
        } else {
            for (std::size_t i = 0; i < count;
                 ++i) {  // grown as elements arrive, never by their count
                if constexpr (detail::AppendContainer<T>) {
                    container.push_back(decoder.take<Element>());
                } else {
                    container.insert(container.end(), decoder.take<Element>());
                }
            }
        }
        return container;
    }
};

template <class K, class V>
struct Codec<std::pair<K, V>> {
    using Key = std::remove_const_t<K>;
    using Parts = detail::TypeList<Key, V>;
    static constexpr std::size_t min_bytes = Codec<Key>::min_bytes + Codec<V>::min_bytes;
    static constexpr std::size_t fixed_bytes = detail::fixed_sum(0, Parts{});

    static void encode(Encoder& encoder, const std::pair<K, V>& value) {
        encoder.put(static_cast<const Key&>(value.first));
        encoder.put(value.second);
    }
    static std::pair<K, V> decode(Decoder& decoder) {
        Key first = decoder.take<Key>();
        return {std::move(first), decoder.take<V>()};
    }
};

template <class... Part>
struct Codec<std::tuple<Part...>> {
    using Parts = detail::TypeList<Part...>;
    static constexpr std::size_t min_bytes = (std::size_t{1} + ... + Codec<Part>::min_bytes);
    static constexpr std::size_t fixed_bytes = detail::fixed_sum(1, Parts{});

    static void encode(Encoder& encoder, const std::tuple<Part...>& value) {
        encoder.put(std::uint8_t{sizeof...(Part)});  // so that an empty tuple takes a byte as well
        std::apply([&](const auto&... parts) { (encoder.put(parts), ...); }, value);
    }
    static std::tuple<Part...> decode(Decoder& decoder) {
        if (decoder.take<std::uint8_t>() != sizeof...(Part)) {
            decoder.fail(ErrorCode::malformed, "expected a tuple of another length");
        }
        return std::tuple<Part...>{decoder.take<Part>()...};  // braces: left to right
    }
};

template <class T, std::size_t N>
struct Codec<std::array<T, N>> {
    using Parts = detail::TypeList<T>;
    static constexpr std::size_t min_bytes = N == 0 ? 1 : N * Codec<T>::min_bytes;
    static constexpr std::size_t fixed_bytes = N == 0 ? 1 : N * detail::fixed_bytes<T>();

    static void encode(Encoder& encoder, const std::array<T, N>& values) {
        if constexpr (N == 0) {
            encoder.put(std::uint8_t{0});
        }
        for (const T& value : values) {
            encoder.put(value);
        }
    }
    static std::array<T, N> decode(Decoder& decoder) {
        if constexpr (N == 0) {
            decoder.take_bytes(1);
        }
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return std::array<T, N>{((void)I, decoder.take<T>())...};
        }
        (std::make_index_sequence<N>{});
    }
};

template <class T>
struct Codec<std::optional<T>> {
    using Parts = detail::TypeList<T>;
    static constexpr std::size_t min_bytes = 1;
    static constexpr std::size_t fixed_bytes = detail::fixed_sum(1, Parts{});

    static void encode(Encoder& encoder, const std::optional<T>& value) {
        encoder.put(value.has_value());
        if (value) {
            encoder.put(*value);
        } else {
            encoder.put_zeros(detail::fixed_bytes<T>());
        }
    }
    static std::optional<T> decode(Decoder& decoder) {
        if (!decoder.take<bool>()) {
            decoder.take_bytes(detail::fixed_bytes<T>());
            return std::nullopt;
        }
        return decoder.take<T>();
    }
};

template <class T>
struct Codec<std::unique_ptr<T>> {
    using Parts = detail::TypeList<T>;
    static constexpr std::size_t min_bytes = 1;

    static void encode(Encoder& encoder, const std::unique_ptr<T>& value) {
        encoder.put(value != nullptr);
        if (value) {
            encoder.put(*value);
        }
    }
    static std::unique_ptr<T> decode(Decoder& decoder) {
        return decoder.take<bool>() ? std::make_unique<T>(decoder.take<T>()) : nullptr;
    }
};

template <class T>
struct Codec<std::complex<T>> {
    using Parts = detail::TypeList<T>;
    static constexpr std::size_t min_bytes = 2 * Codec<T>::min_bytes;
    static constexpr std::size_t fixed_bytes = 2 * detail::fixed_bytes<T>();

    static void encode(Encoder& encoder, const std::complex<T>& value) {
        encoder.put(value.real());
        encoder.put(value.imag());
    }
    static std::complex<T> decode(Decoder& decoder) {
        const T real = decoder.take<T>();
        return {real, decoder.take<T>()};
    }
};

template <class... Kinds>
struct Codec<std::variant<Kinds...>> {
    static_assert(sizeof...(Kinds) < 256, "kaygraph: a variant of at most 255 kinds can travel");
    using Variant = std::variant<Kinds...>;
    using Parts = detail::TypeList<Kinds...>;
    static constexpr std::size_t min_bytes = 1;
    static constexpr std::size_t fixed_bytes =
        detail::fixed_sum(0, Parts{}) == 0 ? 0 : 1 + std::max({detail::fixed_bytes<Kinds>()...});

    static void encode(Encoder& encoder, const Variant& value) {
        encoder.put(static_cast<std::uint8_t>(value.index()));
        std::visit(
            [&]<class Held>(const Held& held) {
                encoder.put(held);
                encoder.put_zeros(rest_behind<Held>());
            },
            value
        );
    }
    static Variant decode(Decoder& decoder) {
        const std::uint8_t index = decoder.take<std::uint8_t>();
        return decode_kind(decoder, index, std::index_sequence_for<Kinds...>{});
    }

private:
    /// What a shorter kind leaves of the bytes that every kind takes.
    template <class Held>
    static consteval std::size_t rest_behind() {
        return fixed_bytes == 0 ? 0 : fixed_bytes - 1 - detail::fixed_bytes<Held>();
    }

    template <std::size_t... I>
    static Variant decode_kind(
        Decoder& decoder,
        std::uint8_t index,
        std::index_sequence<I...> /*kinds*/
    ) {
        std::optional<Variant> value;
        const auto take = [&]<std::size_t At, class Kind>(std::type_identity<Kind> /*kind*/) {
            value.emplace(std::in_place_index<At>, decoder.take<Kind>());
            decoder.take_bytes(rest_behind<Kind>());
        };
        ((index == I ? take.template operator()<I>(std::type_identity<Kinds>{}) : void()), ...);
        if (!value) {
            decoder.fail(ErrorCode::malformed, "expected one of the kinds of a variant");
        }
        return std::move(*value);
    }
};

template <class T>
void detail::encode_sorted(Encoder& encoder, const T& container) {
    std::vector<std::vector<std::byte>> elements;
    elements.reserve(std::ranges::size(container));
    for (const auto& element : container) {
        elements.push_back(encode(static_cast<const ElementOf<T>&>(element)));
    }
    std::sort(elements.begin(), elements.end());
    for (const std::vector<std::byte>& bytes : elements) {
        encoder.put_bytes(bytes);
    }
}

}  // namespace kaygraph

#pragma GCC visibility pop
