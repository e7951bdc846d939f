#include "files/open_files.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace kaygraph::detail {

std::unique_ptr<File> open_listed(const TextInput& input, FileSystem& files) {
    std::unique_ptr<File> file = files.open(input.path, OpenMode::read);
    const FileStatus status = file->status();
    if (!status.is_regular || status.bytes != input.bytes) {
        throw IoError(
            ErrorCode::io,
            "the file changed since it was listed: it had " + std::to_string(input.bytes)
                + " bytes, now it has " + std::to_string(status.bytes),
            {.file = input.path}
        );
    }
    return file;
}

std::shared_ptr<File> OpenFiles::get(std::uint32_t input) {
    {
        const std::lock_guard lock{mutex_};
        if (std::shared_ptr<File> file = find(input)) {
            return file;
        }
    }
    std::shared_ptr<File> file = open_listed((*inputs_)[input], *files_);
    std::shared_ptr<File> oldest;  // closed after the lock
    const std::lock_guard lock{mutex_};
    if (std::shared_ptr<File> other = find(input)) {
        return other;
    }
    Entry entry{.input = input, .used = ++clock_, .file = file};
    if (entries_.size() < most_open) {
        entries_.push_back(std::move(entry));
    } else {
        const auto least =
            std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
                return a.used < b.used;
            });
        oldest = std::move(least->file);
        *least = std::move(entry);
    }
    return file;
}

std::shared_ptr<File> OpenFiles::find(std::uint32_t input) {
    for (Entry& entry : entries_) {
        if (entry.input == input) {
            entry.used = ++clock_;
            return entry.file;
        }
    }
    return {};
}

}  // namespace kaygraph::detail
