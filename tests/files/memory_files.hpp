#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/text_source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kaygraph::test {

/// A single file in memory, for reading.
class MemoryFiles final : public FileSystem {
public:
    explicit MemoryFiles(std::span<const std::byte> bytes) : bytes_(bytes) {}

    std::unique_ptr<File> open(const std::string& path, OpenMode /*mode*/) override {
        return std::make_unique<Opened>(bytes_, path);
    }
    std::optional<FileStatus> status(const std::string& /*path*/) override {
        return status_of(bytes_);
    }
    void rename(const std::string& from, const std::string& /*to*/) override { refuse(from); }
    void remove(const std::string& path) override { refuse(path); }
    void make_directory(const std::string& path) override { refuse(path); }
    void sync_directory(const std::string& path) override { refuse(path); }

    /// Returns the file as an input.
    [[nodiscard]] std::vector<TextInput> input(TextFormat format, Compression compression) const {
        return {
            {.path = "fuzzed",
             .format = format,
             .compression = compression,
             .bytes = bytes_.size()}};
    }

private:
    [[noreturn]] static void refuse(const std::string& path) {
        throw IoError(ErrorCode::io, "only for reading", {.file = path});
    }
    static FileStatus status_of(std::span<const std::byte> bytes) {
        return {.bytes = bytes.size(), .is_regular = true};
    }

    class Opened final : public File {
    public:
        Opened(std::span<const std::byte> bytes, std::string path)
            : bytes_(bytes), path_(std::move(path)) {}

        std::size_t read_at(std::uint64_t offset, std::span<std::byte> bytes) override {
            const auto begin =
                static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size()));
            const std::size_t n = std::min(bytes.size(), bytes_.size() - begin);
            std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(begin), n, bytes.begin());
            return n;
        }
        void write_at(std::uint64_t /*offset*/, std::span<const std::byte> /*bytes*/) override {
            refuse(path_);
        }
        void start_sync(std::uint64_t /*offset*/, std::uint64_t /*bytes*/) noexcept override {}
        void resize(std::uint64_t /*bytes*/) override { refuse(path_); }
        void sync() override {}
        void close() override {}
        FileStatus status() override { return status_of(bytes_); }
        const std::string& path() const noexcept override { return path_; }

    private:
        std::span<const std::byte> bytes_;
        std::string path_;
    };

    std::span<const std::byte> bytes_;
};

}  // namespace kaygraph::test
