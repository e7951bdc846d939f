#pragma once

#include <kaygraph/files/file_system.hpp>

#include <memory>
#include <optional>
#include <string>

namespace kaygraph::test {

/// The machine's files, for tests that look at some of the calls, or disturb them.
class MachineFiles : public FileSystem {
public:
    std::unique_ptr<File> open(const std::string& path, OpenMode mode) override {
        return posix_files().open(path, mode);
    }
    std::optional<FileStatus> status(const std::string& path) override {
        return posix_files().status(path);
    }
    void rename(const std::string& from, const std::string& to) override {
        posix_files().rename(from, to);
    }
    void remove(const std::string& path) override { posix_files().remove(path); }
    void make_directory(const std::string& path) override { posix_files().make_directory(path); }
    void sync_directory(const std::string& path) override { posix_files().sync_directory(path); }
};

}  // namespace kaygraph::test
