#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/type_name.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// @file
/// The codec's streams, its customisation point, and the codecs of trivially copyable and user types.
/// Start at `codec.hpp`.
/// @par MPI Local.
/// @par Threads Any thread; an Encoder or Decoder belongs to one at a time.

#pragma GCC visibility push(hidden)

namespace kaygraph {

static_assert(std::endian::native == std::endian::little, "kaygraph: the codec is little-endian");

/// How a T is written and read. Members of a specialisation: `min_bytes` (no value is written in
/// fewer), `encode(Encoder&, const T&)`, `decode(Decoder&) -> T`. Not defined: T cannot travel.
template <class T>
struct Codec;

/// True for types that can be serialised: these can travel between ranks and into checkpoints.
template <class T>
concept Encodable = requires {
    Codec<T>::min_bytes;
};

/// Collects bytes.
class Encoder {
public:
    void put_bytes(std::span<const std::byte> bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    template <class T>
    void put(const T& value) {
        Codec<T>::encode(*this, value);
    }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::vector<std::byte> take() noexcept { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

/// Reads bytes within their bounds.
class KAYGRAPH_EXPORT Decoder {
public:
    explicit Decoder(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

    /// Returns the next `count` bytes. @throws FormatError (truncated) where fewer are left.
    std::span<const std::byte> take_bytes(std::size_t count);

    /// Reads a count of elements that take at least `min_element_bytes` each.
    /// @throws FormatError (truncated) where so many cannot follow.
    std::size_t take_count(std::size_t min_element_bytes);

    template <class T>
    T take() {
        const Nesting nesting{*this};
        return Codec<T>::decode(*this);
    }

    [[nodiscard]] std::size_t remaining() const noexcept { return bytes_.size() - offset_; }
    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

    /// Throws FormatError with the place.
    [[noreturn]] void fail(ErrorCode code, const std::string& message) const;

private:
    static constexpr int max_depth = 256;  // types may contain themselves; stacks are finite

    struct Nesting {
        Decoder& decoder;
        explicit Nesting(Decoder& owner) : decoder(owner) {
            if (++decoder.depth_ > max_depth) {
                --decoder.depth_;
                decoder.fail(ErrorCode::malformed, "values nested deeper than 256 levels");
            }
        }
        ~Nesting() { --decoder.depth_; }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;
    };

    std::span<const std::byte> bytes_;
    std::size_t offset_ = 0;
    int depth_ = 0;
};

/// Returns the bytes of a value.
template <Encodable T>
[[nodiscard]] std::vector<std::byte> encode(const T& value) {
    Encoder encoder;
    encoder.put(value);
    return encoder.take();
}

/// Returns a hash of bytes, the same in all processes of one program.
[[nodiscard]] inline std::uint64_t hash_of(std::span<const std::byte> bytes) noexcept {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()}
    );
}

/// Returns the value that the bytes hold, all of them.
/// @throws FormatError with the offset, for bytes that are not a T or go on after it.
template <Encodable T>
[[nodiscard]] T decode(std::span<const std::byte> bytes) {
    Decoder decoder{bytes};
    T value = decoder.take<T>();
    if (decoder.remaining() != 0) {
        decoder.fail(
            ErrorCode::malformed,
            "expected the end after a value of type " + std::string{type_name<T>()} + ", found "
                + std::to_string(decoder.remaining()) + " more bytes"
        );
    }
    return value;
}

namespace detail {

template <class T>
inline constexpr bool is_view = false;
template <class T, std::size_t N>
inline constexpr bool is_view<std::span<T, N>> = true;
template <class C>
inline constexpr bool is_view<std::basic_string_view<C>> = true;

template <class T>
concept HasMemberCodec = requires(T& value) {
    T::codec(value);
};
template <class T>
concept HasFreeCodec = requires(T& value) {
    codec(value);
};

/// Types whose bytes are their value. A struct that holds a pointer cannot be told from one that does
/// not: give such a type a `codec`, or keep it out of what travels.
template <class T>
concept BytesAreValue =
    std::is_trivially_copyable_v<T> && std::is_object_v<T> && std::is_default_constructible_v<T> && !std::is_pointer_v<
        T> && !std::is_member_pointer_v<T> && !std::is_null_pointer_v<T> && !std::is_array_v<T> && !is_view<T> && !HasMemberCodec<T> && !HasFreeCodec<T> && !requires {
    typename std::tuple_size<T>::type;
};

}  // namespace detail

template <detail::BytesAreValue T>
struct Codec<T> {
    static constexpr std::size_t min_bytes = sizeof(T);

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

namespace detail {

/// The parts of a user type, as a tuple of references.
template <class T>
auto codec_parts(T& value) {
    if constexpr (HasMemberCodec<std::remove_const_t<T>>) {
        return std::remove_const_t<T>::codec(value);
    } else {
        return codec(value);
    }
}

}  // namespace detail

/// User types, by their parts in order.
template <class T>
requires(detail::HasMemberCodec<T> || detail::HasFreeCodec<T>) struct Codec<T> {
    static constexpr std::size_t min_bytes =
        1;  // a type may contain itself: its parts are not asked

    static void encode(Encoder& encoder, const T& value) {
        std::apply(
            [&](const auto&... parts) { (encoder.put(parts), ...); }, detail::codec_parts(value)
        );
    }
    static T decode(Decoder& decoder) {
        T value{};
        std::apply(
            [&](auto&... parts) {
                ((parts = decoder.take<std::remove_reference_t<decltype(parts)>>()), ...);
            },
            detail::codec_parts(value)
        );
        return value;
    }
};

}  // namespace kaygraph

#pragma GCC visibility pop
