#pragma once

#include <kaygraph/files/file_system.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace kaygraph::jobs::detail {

/// Takes the bytes of a file in their order.
using ByteStreamTaker = std::function<void(std::span<const std::byte>)>;

/// A file system of one file that is a stream: for a MatrixWriter whose rows come in order. Names mean nothing here.
/// @par Threads One at a time.
class StreamFiles final : public FileSystem {
public:
    explicit StreamFiles(const ByteStreamTaker& take) : take_(&take) {}

    std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
    std::optional<FileStatus> status(const std::string& /*path*/) override {
        return FileStatus{.bytes = bytes_, .is_regular = true};
    }
    void rename(const std::string& /*from*/, const std::string& /*to*/) override {}
    void remove(const std::string& /*path*/) override {}
    void make_directory(const std::string& /*path*/) override {}
    void sync_directory(const std::string& /*path*/) override {}

private:
    class Stream;

    const ByteStreamTaker* take_;
    std::uint64_t bytes_ = 0;  // that were taken
};

/// A folder of this process alone, below that of TMPDIR, removed with the one file that may be in it.
class ScratchFile {
public:
    /// @throws IoError.
    ScratchFile();
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;
    ~ScratchFile();

    [[nodiscard]] std::string path() const { return folder_ + "/stdin"; }

private:
    std::string folder_;
};

}  // namespace kaygraph::jobs::detail
