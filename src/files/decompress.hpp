#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// @file
/// Compressed files as streams of bytes. What they hold is not believed: memory does not depend on what a
/// header says, the output is bounded by the input, and every check sum is checked.

namespace kaygraph::detail {

/// Output that costs nothing; beyond, each byte of input pays for `max_expansion` bytes.
inline constexpr std::uint64_t free_output_bytes = std::uint64_t{64} << 20U;
inline constexpr std::uint64_t max_expansion = 1000;

/// Bytes in order.
/// @par Threads One at a time.
class ByteStream : public Interface {
public:
    /// Fills `bytes`, unless the stream ends before. Returns how many it wrote.
    virtual std::size_t read(std::span<std::byte> bytes) = 0;
};

/// Reads a file at an offset: all bytes asked for. @throws IoError where it has become shorter than
/// `listed_bytes`.
void read_listed(
    File& file,
    std::uint64_t listed_bytes,
    std::uint64_t offset,
    std::span<std::byte> bytes
);

/// Returns what a compressed file of `bytes` holds: gzip members (after the last, zeros may fill the file up) or zstd
/// frames to its end, at least one.
/// The stream throws FormatError (malformed, truncated) with the file and the offset in it.
[[nodiscard]] std::unique_ptr<ByteStream> decompressed(
    std::shared_ptr<File> file,
    std::uint64_t bytes,
    Compression compression
);

/// Returns all that a compressed file holds. @throws as the stream does, and IoError.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<std::byte> decompressed_whole(
    const std::string& path,
    Compression compression
);

}  // namespace kaygraph::detail
