#pragma once

#include <kaygraph/base/interface.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace kaygraph::detail {

/// The bytes of a file in order, decompressed. Nothing a compressed file states is believed: memory is a
/// window of at most 128 MiB, and a stream may grow to a thousand times its file after the first 64 MiB.
class ByteStream : public Interface {
public:
    /// Reads the next bytes, fewer than asked for only at the end. Returns how many.
    /// @throws FormatError with file and offset (in the file) for a damaged stream; IoError.
    virtual std::size_t read(std::span<std::byte> bytes) = 0;
};

/// Opens a file as a stream. @throws IoError where it has changed since it was listed.
std::unique_ptr<ByteStream> open_stream(const TextInput& input, FileSystem& files);

/// Opens a file. @throws IoError where it has changed since it was listed.
std::unique_ptr<File> open_unchanged(const TextInput& input, FileSystem& files);

/// A stream over a source of compressed bytes, for tests and for open_stream.
std::unique_ptr<ByteStream> decompress(
    std::unique_ptr<ByteStream> compressed,
    Compression compression,
    const std::string& path
);

/// The bytes of a file as they are.
std::unique_ptr<ByteStream> plain_stream(std::unique_ptr<File> file);

}  // namespace kaygraph::detail
