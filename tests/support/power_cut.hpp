#pragma once

#include <kaygraph/files/file_system.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace kaygraph::test {

/// One call that changes what is on the device, or says that something is.
struct FileChange {
    enum class Kind { write, resize, sync, link, rename, remove, make_directory, sync_directory };
    Kind kind = Kind::write;
    int file = -1;          ///< of write, resize, sync, link: numbers of files, not of names
    std::string path = {};  ///< of changes of names
    std::string to = {};    ///< of rename
    std::uint64_t at = 0;   ///< offset of a write, new size of a resize
    std::vector<std::byte> bytes = {};  ///< of a write
};

/// A file system around another one that writes down every change.
class RecordingFiles final : public FileSystem {
public:
    explicit RecordingFiles(FileSystem& inner) : inner_(&inner) {}

    std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
    std::optional<FileStatus> status(const std::string& path) override;
    void rename(const std::string& from, const std::string& to) override;
    void remove(const std::string& path) override;
    void make_directory(const std::string& path) override;
    void sync_directory(const std::string& path) override;

    [[nodiscard]] const std::vector<FileChange>& changes() const noexcept { return changes_; }
    void add(FileChange change);

private:
    FileSystem* inner_;
    std::mutex mutex_;
    std::vector<FileChange> changes_;
    std::map<std::string, int> numbers_;  // of files, by their names now
    int n_files_ = 0;
};

/// Which of the changes that were not synced before the cut reach the device.
enum class Survivors {
    none,
    all,
    all_but_one,  ///< one of them, at random, does not
    random,       ///< any; a write may be torn at 512 bytes
};

/// Leaves in `folder` what a device holds when the power is cut after the first `n` changes, which were made in the folder
/// `origin`. Changes of a file's bytes are on the device after its next sync, changes of names after that of their
/// directory; others survive as said.
void rebuild(
    const std::vector<FileChange>& changes,
    std::size_t n,
    Survivors survivors,
    std::mt19937_64& random,
    const std::string& origin,
    const std::filesystem::path& folder
);

}  // namespace kaygraph::test
