#pragma once

#include "support/machine_files.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace kaygraph::test {

/// The machine's files, watched: counts what is done with them, and lets the n-th call fail.
class WatchedFiles final : public MachineFiles {
public:
    std::unique_ptr<File> open(const std::string& path, OpenMode mode) override {
        count_call();
        ++n_opened;
        return std::make_unique<Watched>(*this, posix_files().open(path, mode));
    }
    std::optional<FileStatus> status(const std::string& path) override {
        count_call();
        return posix_files().status(path);
    }

    std::atomic<std::uint64_t> n_calls{0};
    std::atomic<std::uint64_t> fail_at_call{0};  ///< 0: never
    std::atomic<std::uint64_t> n_opened{0};
    std::atomic<std::uint64_t> bytes_read{0};
    std::atomic<std::int64_t> n_open{0};
    std::atomic<std::int64_t> most_open{0};

private:
    class Watched final : public File {
    public:
        Watched(WatchedFiles& files, std::unique_ptr<File> file)
            : files_(&files), file_(std::move(file)) {
            const std::int64_t n = ++files_->n_open;
            std::int64_t most = files_->most_open;
            while (n > most && !files_->most_open.compare_exchange_weak(most, n)) {
            }
        }
        ~Watched() override { --files_->n_open; }

        std::size_t read_at(std::uint64_t offset, std::span<std::byte> bytes) override {
            files_->count_call();
            const std::size_t n = file_->read_at(offset, bytes);
            files_->bytes_read += n;
            return n;
        }
        void write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
            files_->count_call();
            file_->write_at(offset, bytes);
        }
        void start_sync(std::uint64_t offset, std::uint64_t bytes) noexcept override {
            file_->start_sync(offset, bytes);
        }
        void resize(std::uint64_t bytes) override {
            files_->count_call();
            file_->resize(bytes);
        }
        void sync() override {
            files_->count_call();
            file_->sync();
        }
        void close() override {
            files_->count_call();
            file_->close();
        }
        FileStatus status() override {
            files_->count_call();
            return file_->status();
        }
        const std::string& path() const noexcept override { return file_->path(); }

    private:
        WatchedFiles* files_;
        std::unique_ptr<File> file_;
    };

    void count_call() {
        if (++n_calls == fail_at_call) {
            throw IoError(ErrorCode::io, "cannot do it: planted");
        }
    }
};

}  // namespace kaygraph::test
