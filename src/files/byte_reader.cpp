#include <kaygraph/files/byte_reader.hpp>

#include <algorithm>

namespace kaygraph {

std::span<const std::byte> ByteReader::take_bytes(std::uint64_t count, std::string_view what) {
    if (count > remaining()) {
        throw FormatError(
            ErrorCode::truncated,
            "expected " + std::to_string(count) + " bytes of " + std::string{what} + ", found "
                + std::to_string(remaining()),
            {.file = *file_, .offset = static_cast<std::int64_t>(offset_)}
        );
    }
    const std::span<const std::byte> taken =
        bytes_.subspan(offset_, static_cast<std::size_t>(count));
    offset_ += taken.size();
    return taken;
}

std::span<const std::byte> ByteReader::take_elements(
    std::uint64_t count,
    std::uint64_t element_bytes,
    std::string_view what
) {
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(count, element_bytes, &bytes)) {
        fail(
            std::string{what} + " within the file",
            std::to_string(count) + " elements of " + std::to_string(element_bytes) + " bytes"
        );
    }
    return take_bytes(bytes, what);
}

std::string_view ByteReader::take_until(char terminator, std::size_t most, std::string_view what) {
    const std::size_t limit = std::min(most, remaining());
    const std::string_view text{reinterpret_cast<const char*>(bytes_.data()) + offset_, limit};
    const std::size_t length = text.find(terminator);
    if (length == std::string_view::npos) {
        fail(
            "the end of " + std::string{what} + " within " + std::to_string(most) + " bytes",
            "none in " + std::to_string(limit)
        );
    }
    offset_ += length + 1;
    return text.substr(0, length);
}

void ByteReader::fail(const std::string& expected, const std::string& found) const {
    fail_at(offset_, expected, found);
}

void ByteReader::fail_at(
    std::uint64_t offset,
    const std::string& expected,
    const std::string& found
) const {
    throw FormatError(
        ErrorCode::malformed,
        "expected " + expected + ", found " + found,
        {.file = *file_, .offset = static_cast<std::int64_t>(offset)}
    );
}

}  // namespace kaygraph
