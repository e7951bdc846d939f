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
/// The codec's streams, and the one place that decides how a type is written and read. Start at
/// `codec.hpp`.
/// @par MPI Local.
/// @par Threads Any thread; an Encoder or Decoder belongs to one at a time.

#pragma GCC visibility push(hidden)

namespace kaygraph {

static_assert(std::endian::native == std::endian::little, "kaygraph: the codec is little-endian");

/// How a T is written and read. This template decides by what T is (`codec_default.hpp`); a
/// specialisation, of `codec_std.hpp` or of yours, decides for its type alone. Members: `min_bytes` (no
/// value is written in fewer), `encode(Encoder&, const T&)`, `decode(Decoder&) -> T`; if every value is
/// written in as many bytes, `fixed_bytes`, their number; and if it relies on the codecs of other types,
/// `Parts`, a `detail::TypeList` of them.
template <class T>
struct Codec;

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
    void put_zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }
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

namespace detail {

template <class... T>
struct TypeList {};

/// The base of the codec of a type that cannot be written.
struct NoCodec {};

template <class T, class... Around>
consteval bool is_encodable();

template <class... Around, class... Parts>
consteval bool are_encodable(TypeList<Parts...> /*parts*/) {
    return (is_encodable<Parts, Around...>() && ...);
}

/// True where a T inside values of the types Around can be written: a type may contain itself.
template <class T, class... Around>
consteval bool is_encodable() {
    if constexpr (!(std::is_same_v<T, Around> || ...)) {
        if constexpr (std::is_base_of_v<NoCodec, Codec<T>>) {
            return false;
        } else if constexpr (requires { typename Codec<T>::Parts; }) {
            return are_encodable<T, Around...>(typename Codec<T>::Parts{});
        }
    }
    return true;
}

/// The bytes in which every T is written; 0 if that depends on the value.
template <class T>
consteval std::size_t fixed_bytes() {
    if constexpr (requires { Codec<T>::fixed_bytes; }) {
        return Codec<T>::fixed_bytes;
    } else {
        return 0;
    }
}
/// The sum of what several types take, and `extra` bytes; 0 if that of one of them depends on the value.
template <class... T>
consteval std::size_t fixed_sum(std::size_t extra, TypeList<T...> /*types*/) {
    return ((fixed_bytes<T>() != 0) && ...) ? (extra + ... + fixed_bytes<T>()) : 0;
}

}  // namespace detail

/// True for types that can be serialised: these can travel between ranks, and reach sinks and
/// checkpoints.
template <class T>
concept Encodable = detail::is_encodable<T>();

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

}  // namespace kaygraph

#pragma GCC visibility pop
