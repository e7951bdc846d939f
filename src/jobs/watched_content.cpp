#include "jobs/watched_content.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace kaygraph::jobs::detail {

class WatchedContent::WatchedFile final : public File {
public:
    WatchedFile(WatchedContent& of, std::shared_ptr<File> file)
        : of_(&of), file_(std::move(file)) {}

    std::size_t read_at(std::uint64_t offset, std::span<std::byte> bytes) override {
        const std::size_t n = file_->read_at(offset, bytes);
        of_->saw(offset, bytes.first(n));
        return n;
    }
    void write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
        file_->write_at(offset, bytes);
    }
    void resize(std::uint64_t bytes) override { file_->resize(bytes); }
    void sync() override { file_->sync(); }
    void close() override { file_->close(); }
    FileStatus status() override { return file_->status(); }
    const std::string& path() const noexcept override { return file_->path(); }

private:
    WatchedContent* of_;
    std::shared_ptr<File> file_;
};

WatchedContent::WatchedContent(FileSystem& files, std::uint64_t offset, std::uint64_t bytes)
    : files_(&files), next_(offset), end_(offset + bytes) {}

WatchedContent::~WatchedContent() = default;

std::unique_ptr<File> WatchedContent::open(const std::string& path, OpenMode mode) {
    file_ = files_->open(path, mode);
    return std::make_unique<WatchedFile>(*this, file_);
}

/// What goes on where the part has been hashed to; what was seen before is passed over.
void WatchedContent::saw(std::uint64_t offset, std::span<const std::byte> bytes) {
    const std::uint64_t end = std::min(end_, offset + bytes.size());
    if (offset <= next_ && next_ < end) {
        hasher_.add(bytes.subspan(next_ - offset, end - next_));
        next_ = end;
    }
}

Hash128 WatchedContent::take() {
    std::vector<std::byte> room(static_cast<std::size_t>(std::min(end_ - next_, content_piece_bytes)
    ));
    while (next_ < end_) {
        const std::uint64_t at = next_;
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), end_ - at));
        saw(at, std::span{room}.first(file_->read_at(at, std::span{room}.first(n))));
        if (next_ == at) {
            throw IoError(
                ErrorCode::io,
                "the file changed while it was read: it ends at " + std::to_string(at),
                {.file = file_->path()}
            );
        }
    }
    return hasher_.take();
}

}  // namespace kaygraph::jobs::detail
