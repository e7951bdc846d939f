#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// How a mapped file is going to be read.
enum class AccessPattern : std::uint8_t { sequential, random };

/// The bytes of a file, mapped read-only; the ranks of a node share its pages. For models, which do not
/// change while they are used: a file that shrinks under its map ends the process (SIGBUS).
/// @par MPI Local.
/// @par Threads Any thread may read.
class KAYGRAPH_EXPORT MappedFile {
public:
    MappedFile() = default;
    /// @throws IoError where it cannot be read, or is no regular file.
    explicit MappedFile(std::string path, AccessPattern pattern = AccessPattern::random);
    MappedFile(MappedFile&& other) noexcept
        : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}
    MappedFile& operator=(MappedFile&& other) noexcept {
        std::swap(path_, other.path_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    std::span<const std::byte> bytes_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
