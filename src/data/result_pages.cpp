#include "data/unique_name.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/data/result_pages.hpp>

#include <cstdlib>

namespace kaygraph::detail {
namespace {

std::string default_directory() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables while threads run
    const char* directory = std::getenv("TMPDIR");
    return directory != nullptr && *directory != '\0' ? directory : "/tmp";
}

/// Returns a new file that has lost its name.
std::unique_ptr<File> open_unnamed(FileSystem& files, const std::string& directory) {
    const std::string path = directory + '/' + unique_name();
    std::unique_ptr<File> file = files.open(path, OpenMode::create);
    files.remove(path);
    return file;
}

}  // namespace

PageFile::PageFile(std::string directory, FileSystem& files)
    : directory_(directory.empty() ? default_directory() : std::move(directory)), files_(&files) {}
PageFile::PageFile(PageFile&&) noexcept = default;
PageFile& PageFile::operator=(PageFile&&) noexcept = default;
PageFile::~PageFile() = default;

void PageFile::append(std::span<const std::byte> page) {
    if (!file_) {
        file_ = open_unnamed(*files_, directory_);
    }
    const std::uint64_t offset = ends_.empty() ? 0 : ends_.back();
    file_->write_at(offset, page);
    ends_.push_back(offset + page.size());
}

std::vector<std::byte> PageFile::read(std::size_t page) const {
    const std::uint64_t offset = page == 0 ? 0 : ends_[page - 1];
    std::vector<std::byte> bytes(ends_[page] - offset);
    if (file_->read_at(offset, bytes) != bytes.size()) {
        throw FormatError(
            ErrorCode::truncated, "a page of results ends too soon", {.file = file_->path()}
        );
    }
    return bytes;
}

void require_page_size(std::size_t page_size) {
    if (page_size == 0) {
        throw ArgumentError("expected at least 1 result a page, found page_size 0");
    }
}

void raise_no_page(std::size_t page, std::size_t pages) {
    throw ArgumentError(
        "there is no page " + std::to_string(page) + ": there are " + std::to_string(pages)
        + (pages == 0 ? " pages" : ", counted from 0")
    );
}

}  // namespace kaygraph::detail
