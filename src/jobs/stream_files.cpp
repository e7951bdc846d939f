#include "jobs/stream_files.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is of POSIX

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace kaygraph::jobs::detail {

class StreamFiles::Stream final : public File {
public:
    Stream(StreamFiles& of, std::string path) : of_(&of), path_(std::move(path)) {}

    std::size_t read_at(std::uint64_t /*offset*/, std::span<std::byte> /*bytes*/) override {
        return 0;
    }
    void write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
        KAYGRAPH_ASSERT(offset == of_->bytes_, "a stream is written from its start to its end");
        (*of_->take_)(bytes);
        of_->bytes_ += bytes.size();
    }
    void resize(std::uint64_t /*bytes*/) override {}
    void sync() override {}
    void close() override {}
    FileStatus status() override { return {.bytes = of_->bytes_, .is_regular = true}; }
    const std::string& path() const noexcept override { return path_; }

private:
    StreamFiles* of_;
    std::string path_;
};

std::unique_ptr<File> StreamFiles::open(const std::string& path, OpenMode /*mode*/) {
    return std::make_unique<Stream>(*this, path);
}

ScratchFile::ScratchFile() {
    std::error_code error;
    folder_ = (std::filesystem::temp_directory_path(error) / "kaygraph-XXXXXX").string();
    if (error || ::mkdtemp(folder_.data()) == nullptr) {
        throw IoError(
            ErrorCode::io,
            "cannot make a folder to keep standard input in: "
                + std::generic_category().message(error ? error.value() : errno),
            {.file = folder_}
        );
    }
}

ScratchFile::~ScratchFile() {
    std::error_code error;
    std::filesystem::remove(path(), error);
    std::filesystem::remove(folder_, error);
}

}  // namespace kaygraph::jobs::detail
