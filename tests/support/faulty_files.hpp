#pragma once

#include <kaygraph/files/file_system.hpp>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace kaygraph::test {

/// What a file system is asked for.
enum class FileCall {
    open,
    status,
    rename,
    remove,
    make_directory,
    sync_directory,
    read_at,
    write_at,
    resize,
    sync,
    close,
    status_of_open
};

/// The n-th call of all, or of its kind, fails.
struct Fault {
    std::size_t call = 0;               ///< counted from 0
    std::optional<FileCall> kind = {};  ///< none: any
    int error = EIO;
    std::size_t written_first = 0;  ///< bytes that a failing write still writes
    bool lasts = false;             ///< later calls of the kind fail too, as on a full disk
};

/// A file system around another one that counts the calls, and fails one of them.
class FaultyFiles final : public FileSystem {
public:
    explicit FaultyFiles(FileSystem& inner, std::optional<Fault> fault = {})
        : inner_(&inner), fault_(fault) {}

    std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
    std::optional<FileStatus> status(const std::string& path) override;
    void rename(const std::string& from, const std::string& to) override;
    void remove(const std::string& path) override;
    void make_directory(const std::string& path) override;
    void sync_directory(const std::string& path) override;

    /// All calls so far, those of open files too, in their order; failed ones included.
    [[nodiscard]] std::vector<FileCall> calls() const;

    /// Counts a call; returns what is to fail it.
    std::optional<Fault> count(FileCall call);

private:
    void enter(FileCall call, const std::string& path);

    FileSystem* inner_;
    std::optional<Fault> fault_;
    mutable std::mutex mutex_;
    std::vector<FileCall> calls_;
};

}  // namespace kaygraph::test
