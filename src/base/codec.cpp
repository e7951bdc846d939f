#include <kaygraph/base/codec.hpp>

namespace kaygraph {

std::span<const std::byte> Decoder::take_bytes(std::size_t count) {
    if (count > remaining()) {
        fail(
            ErrorCode::truncated,
            "expected " + std::to_string(count) + " more bytes, found "
                + std::to_string(remaining())
        );
    }
    const std::span<const std::byte> bytes = bytes_.subspan(offset_, count);
    offset_ += count;
    return bytes;
}

std::size_t Decoder::take_count(std::size_t min_element_bytes) {
    const auto count = take<std::uint64_t>();
    if (count > remaining() / min_element_bytes) {
        fail(
            ErrorCode::truncated,
            "expected " + std::to_string(count) + " elements of at least "
                + std::to_string(min_element_bytes) + " bytes, found " + std::to_string(remaining())
                + " bytes"
        );
    }
    return count;
}

void Decoder::fail(ErrorCode code, const std::string& message) const {
    throw FormatError(code, message, {.offset = static_cast<std::int64_t>(offset_)});
}

}  // namespace kaygraph
