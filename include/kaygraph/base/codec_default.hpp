#pragma once

#include <kaygraph/base/aggregate.hpp>
#include <kaygraph/base/codec_core.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

/// @file
/// The codecs of types that have none of their own: by their bytes where these are known to be their
/// value, by their parts otherwise. Start at `codec.hpp`.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph {
namespace detail {

template <class T>
concept HasMemberCodec = requires(T& value) {
    T::codec(value);
};
template <class T>
concept HasFreeCodec = requires(T& value) {
    codec(value);
};

/// Values written as their bytes.
template <class T>
struct ByteCodec {
    static constexpr std::size_t min_bytes = sizeof(T);
    static constexpr std::size_t fixed_bytes = sizeof(T);

    static void encode(Encoder& encoder, const T& value) {
        encoder.put_bytes(std::as_bytes(std::span<const T, 1>{&value, 1}));
    }
    static T decode(Decoder& decoder) {
        const std::span<const std::byte> bytes = decoder.take_bytes(sizeof(T));
        if constexpr (std::is_same_v<T, bool>) {
            if (bytes[0] > std::byte{1}) {
                decoder.fail(ErrorCode::malformed, "expected a bool of 0 or 1");
            }
        }
        T value;
        std::memcpy(&value, bytes.data(), sizeof(T));
        return value;
    }
};

/// An extended long double of x86 has ten bytes of value, and padding behind them.
struct LongDoubleCodec {
    static constexpr std::size_t min_bytes =
        std::numeric_limits<long double>::digits == 64 ? 10 : sizeof(long double);
    static constexpr std::size_t fixed_bytes = min_bytes;

    static void encode(Encoder& encoder, const long double& value) {
        encoder.put_bytes(std::as_bytes(std::span{&value, 1}).first(min_bytes));
    }
    static long double decode(Decoder& decoder) {
        long double value = 0;
        std::memcpy(&value, decoder.take_bytes(min_bytes).data(), min_bytes);
        return value;
    }
};

/// Types that name their parts.
template <class T>
struct PartsCodec {
    static auto parts_of(auto& value) {
        if constexpr (HasMemberCodec<T>) {
            return T::codec(value);
        } else {
            return codec(value);
        }
    }
    template <class... Part>
    static TypeList<std::remove_cvref_t<Part>...> types_of(const std::tuple<Part...>&);

    using Parts = decltype(types_of(parts_of(std::declval<T&>())));
    static constexpr std::size_t min_bytes = 1;  // there may be no parts
    static constexpr std::size_t fixed_bytes = fixed_sum(0, Parts{});

    static void encode(Encoder& encoder, const T& value) {
        std::apply(
            [&](const auto&... parts) {
                if constexpr (sizeof...(parts) == 0) {
                    encoder.put(std::byte{0});
                }
                (encoder.put(parts), ...);
            },
            parts_of(value)
        );
    }
    static T decode(Decoder& decoder) {
        T value{};
        std::apply(
            [&](auto&... parts) {
                if constexpr (sizeof...(parts) == 0) {
                    decoder.take_bytes(1);
                }
                ((parts = decoder.take<std::remove_reference_t<decltype(parts)>>()), ...);
            },
            parts_of(value)
        );
        return value;
    }
};

inline constexpr auto types_of_fields = [](const auto&... field) {
    return TypeList<std::remove_cvref_t<decltype(field)>...>{};
};
template <class T>
using FieldTypes = decltype(with_fields(std::declval<T&>(), types_of_fields));

/// True for an aggregate with a field that is a reference, which is then no type of standard layout, nor can be assigned to.
/// True also for one with a const field beside another that is not of standard layout.
template <class T, class... Field>
consteval bool has_reference(TypeList<Field...> /*fields*/) {
    return !std::is_standard_layout_v<
               T> && ((std::is_standard_layout_v<Field> && ...) || (!std::is_move_assignable_v<T> && (std::is_move_assignable_v<Field> && ...)));
}

template <class T, class Types>
struct FieldsCodec;
/// Aggregates, by their fields in order; between them may be padding.
template <class T, class... Field>
struct FieldsCodec<T, TypeList<Field...>> {
    using Parts = TypeList<Field...>;
    static constexpr bool is_empty = sizeof...(Field) == 0;
    static constexpr std::size_t min_bytes =
        (std::size_t{is_empty} + ... + Codec<Field>::min_bytes);
    static constexpr std::size_t fixed_bytes = fixed_sum(is_empty, Parts{});

    static void encode(Encoder& encoder, const T& value) {
        if constexpr (is_empty) {
            encoder.put(std::byte{0});
        }
        with_fields(value, [&](const Field&... field) { (encoder.put(field), ...); });
    }
    static T decode(Decoder& decoder) {
        if constexpr (is_empty) {
            decoder.take_bytes(1);
        }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // a bit-field takes what came from one of its width
        return T{decoder.take<Field>()...};    // braces: left to right
#pragma GCC diagnostic pop
    }
};

/// Reads every byte of a T: not a constant where one is padding, part of a pointer, or unknown.
template <class T>
consteval bool reads_all_bytes() {
    const auto bytes = std::bit_cast<std::array<unsigned char, sizeof(T)>>(T{});
    return std::accumulate(bytes.begin(), bytes.end(), std::size_t{0}) <= 255 * sizeof(T);
}

/// True where the compiler shows that the bytes of a T are its value: it has no padding and holds no
/// pointer. False also where it cannot tell: without a constexpr default constructor.
template <class T>
consteval bool bytes_are_value() {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
        return !std::is_same_v<T, long double>;
    } else if constexpr (!std::is_class_v<T> || !std::is_trivially_copyable_v<T> || !std::is_default_constructible_v<T>) {
        return false;
    } else {
        return requires {
            typename std::bool_constant<reads_all_bytes<T>()>;
        };
    }
}

template <class T>
inline constexpr bool is_written_as_bytes = std::is_base_of_v<ByteCodec<T>, Codec<T>>;

// NOLINTBEGIN(google-explicit-constructor)
/// Initialises a part of a T, but no base: those are taken apart, as arrays are. No constant where the part is not written
/// as its bytes.
template <class T>
struct AnyPlainPart {
    template <class Part>
    requires(!std::is_base_of_v<Part, T>) constexpr operator Part() const {
        if constexpr (is_written_as_bytes<Part>) {
            return Part{};
        } else {
            throw 0;
        }
    }
};
// NOLINTEND(google-explicit-constructor)

inline constexpr std::size_t max_parts = 4096;

/// The largest number of initialisers below `High` that an aggregate takes; it takes `Low`.
template <class T, std::size_t Low, std::size_t High>
consteval std::size_t count_parts() {
    constexpr std::size_t middle = std::midpoint(Low, High);
    if constexpr (High - Low == 1) {
        return Low;
    } else if constexpr (takes_fields<T>(std::make_index_sequence<middle>{})) {
        return count_parts<T, middle, High>();
    } else {
        return count_parts<T, Low, middle>();
    }
}

/// Not a constant where a part of a T is not written as its bytes.
template <class T, std::size_t... I>
consteval bool makes_plain_parts(std::index_sequence<I...> /*n*/) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-braces"  // arrays and bases are to be taken apart
    static_cast<void>(T{((void)I, AnyPlainPart<T>{})...});
#pragma GCC diagnostic pop
    return true;
}

/// True where nothing in a T whose fields cannot be seen is known to have a codec of its own, or padding that a compiler
/// takes for value, as gcc does that of long double. Of an aggregate the elements of its arrays and the fields of its bases
/// are told one by one, up to 4096; of the private members of a class only how they are aligned.
template <class T>
consteval bool has_plain_parts() {
    if constexpr (std::is_aggregate_v<T>) {
        constexpr std::size_t n = count_parts<T, 0, std::min(sizeof(T), max_parts) + 1>();
        return n > 0 && requires {
            typename std::bool_constant<makes_plain_parts<T>(std::make_index_sequence<n>{})>;
        };
    } else {
        return LongDoubleCodec::min_bytes == sizeof(long double)
               || alignof(T) < alignof(long double);
    }
}

/// True where a field may be written within the bytes of its aggregate: not every byte is a bool.
template <class Field>
inline constexpr bool is_plain_field = is_written_as_bytes<Field> && !std::is_same_v<Field, bool>;

template <class T>
consteval auto default_codec() {
    if constexpr (!std::is_object_v<T> || std::is_const_v<T>) {
        return std::type_identity<NoCodec>{};
    } else if constexpr (HasMemberCodec<T> || HasFreeCodec<T>) {
        return std::type_identity<PartsCodec<T>>{};
    } else if constexpr (std::is_same_v<T, long double>) {
        return std::type_identity<LongDoubleCodec>{};
    } else if constexpr (n_fields<T> >= 0) {
        constexpr bool are_plain = []<class... Field>(TypeList<Field...>) {
            return (is_plain_field<Field> && ...);
        }(FieldTypes<T>{});
        if constexpr (has_reference<T>(FieldTypes<T>{})) {
            return std::type_identity<NoCodec>{};
        } else if constexpr (are_plain && bytes_are_value<T>()) {
            return std::type_identity<ByteCodec<T>>{};
        } else {
            return std::type_identity<FieldsCodec<T, FieldTypes<T>>>{};
        }
    } else if constexpr (!std::is_class_v<T>) {
        return std::type_identity<
            std::conditional_t<bytes_are_value<T>(), ByteCodec<T>, NoCodec>>{};
    } else if constexpr (bytes_are_value<T>() && has_plain_parts<T>()) {
        return std::type_identity<ByteCodec<T>>{};
    } else {
        return std::type_identity<NoCodec>{};
    }
}

}  // namespace detail

template <class T>
struct Codec : decltype(detail::default_codec<T>())::type {};

namespace detail {

/// Types that are written as their bytes, so that an array of them may be, too.
template <class T>
concept BytesAreValue = is_written_as_bytes<T>;

}  // namespace detail
}  // namespace kaygraph

#pragma GCC visibility pop
