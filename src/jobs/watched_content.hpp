#pragma once

#include <kaygraph/files/content_hash.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace kaygraph::jobs::detail {

/// Files for one who reads a part of a file, in order from about its start: its bytes are hashed as they are read.
/// @par Threads One at a time.
class WatchedContent final : public FileSystem {
public:
    /// The part is [offset, offset + bytes).
    WatchedContent(FileSystem& files, std::uint64_t offset, std::uint64_t bytes);
    WatchedContent(const WatchedContent&) = delete;
    WatchedContent& operator=(const WatchedContent&) = delete;
    ~WatchedContent() override;

    /// Returns the hash of the part's content. What of it was not read is read now, from the file that was opened last.
    [[nodiscard]] Hash128 take();

    std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
    std::optional<FileStatus> status(const std::string& path) override {
        return files_->status(path);
    }
    void rename(const std::string& from, const std::string& to) override {
        files_->rename(from, to);
    }
    void remove(const std::string& path) override { files_->remove(path); }
    void make_directory(const std::string& path) override { files_->make_directory(path); }
    void sync_directory(const std::string& path) override { files_->sync_directory(path); }

private:
    class WatchedFile;

    void saw(std::uint64_t offset, std::span<const std::byte> bytes);

    FileSystem* files_;
    std::shared_ptr<File> file_;  // opened last
    std::uint64_t next_;          // the first byte that was not hashed
    std::uint64_t end_;
    ContentHasher hasher_;
};

}  // namespace kaygraph::jobs::detail
