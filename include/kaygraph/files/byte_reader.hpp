#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Reads the parts of a binary file within its bounds: little-endian numbers, no padding, no alignment.
/// Every size that a file states is compared with the bytes that are left before it is used.
/// @par MPI Local.
/// @par Threads One at a time.
class KAYGRAPH_EXPORT ByteReader {
public:
    /// `file` names the file in errors and must outlive the reader.
    ByteReader(std::span<const std::byte> bytes, const std::string& file) noexcept
        : bytes_(bytes), file_(&file) {}

    /// Returns the next number. @throws FormatError (truncated) naming `what`.
    template <class T>
    T take(std::string_view what) {
        static_assert(std::is_arithmetic_v<T>);
        T value;
        std::memcpy(&value, take_bytes(sizeof(T), what).data(), sizeof(T));
        return value;
    }

    /// Returns the next `count` bytes. @throws FormatError (truncated) naming `what`.
    std::span<const std::byte> take_bytes(std::uint64_t count, std::string_view what);

    /// Returns the next `count` elements of `element_bytes` each. @throws FormatError (truncated), also where
    /// the product overflows.
    std::span<const std::byte> take_elements(
        std::uint64_t count,
        std::uint64_t element_bytes,
        std::string_view what
    );

    /// Returns the bytes before a terminator, and passes it. @throws FormatError (malformed) where there is
    /// none within `most` bytes.
    std::string_view take_until(char terminator, std::size_t most, std::string_view what);

    [[nodiscard]] std::size_t remaining() const noexcept { return bytes_.size() - offset_; }
    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

    /// Throws FormatError (malformed): "expected …, found …", with file and offset.
    [[noreturn]] void fail(const std::string& expected, const std::string& found) const;
    /// The same at another offset.
    [[noreturn]] void fail_at(
        std::uint64_t offset,
        const std::string& expected,
        const std::string& found
    ) const;

private:
    std::span<const std::byte> bytes_;
    std::size_t offset_ = 0;
    const std::string* file_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
