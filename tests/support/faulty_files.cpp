#include "support/faulty_files.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <span>
#include <system_error>
#include <utility>

namespace kaygraph::test {
namespace {

[[noreturn]] void fail(const Fault& fault, const std::string& path) {
    throw IoError(
        ErrorCode::io,
        "cannot go on, as planned: " + std::generic_category().message(fault.error),
        {.file = path}
    );
}

class FaultyFile final : public File {
public:
    FaultyFile(std::unique_ptr<File> inner, FaultyFiles& files)
        : inner_(std::move(inner)), files_(&files) {}

    std::size_t read_at(std::uint64_t offset, std::span<std::byte> bytes) override {
        enter(FileCall::read_at);
        return inner_->read_at(offset, bytes);
    }
    void write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
        if (const auto fault = files_->count(FileCall::write_at)) {
            inner_->write_at(offset, bytes.first(std::min(fault->written_first, bytes.size())));
            fail(*fault, path());
        }
        inner_->write_at(offset, bytes);
    }
    void start_sync(std::uint64_t offset, std::uint64_t bytes) noexcept override {
        inner_->start_sync(offset, bytes);
    }
    void resize(std::uint64_t bytes) override {
        enter(FileCall::resize);
        inner_->resize(bytes);
    }
    void sync() override {
        enter(FileCall::sync);
        inner_->sync();
    }
    void close() override {
        const auto fault = files_->count(FileCall::close);
        inner_->close();  // a failed close has closed
        if (fault) {
            fail(*fault, path());
        }
    }
    FileStatus status() override {
        enter(FileCall::status_of_open);
        return inner_->status();
    }
    const std::string& path() const noexcept override { return inner_->path(); }

private:
    void enter(FileCall call) {
        if (const auto fault = files_->count(call)) {
            fail(*fault, path());
        }
    }

    std::unique_ptr<File> inner_;
    FaultyFiles* files_;
};

}  // namespace

std::optional<Fault> FaultyFiles::count(FileCall call) {
    const std::lock_guard lock{mutex_};
    const bool any_kind = !fault_ || !fault_->kind;
    const auto earlier = static_cast<std::size_t>(
        any_kind ? std::ptrdiff_t(calls_.size()) : std::count(calls_.begin(), calls_.end(), call)
    );
    calls_.push_back(call);
    if (!fault_ || (!any_kind && *fault_->kind != call)) {
        return {};
    }
    const bool fails = fault_->lasts ? earlier >= fault_->call : earlier == fault_->call;
    return fails ? fault_ : std::nullopt;
}

void FaultyFiles::enter(FileCall call, const std::string& path) {
    if (const auto fault = count(call)) {
        fail(*fault, path);
    }
}

std::unique_ptr<File> FaultyFiles::open(const std::string& path, OpenMode mode) {
    enter(FileCall::open, path);
    return std::make_unique<FaultyFile>(inner_->open(path, mode), *this);
}

std::optional<FileStatus> FaultyFiles::status(const std::string& path) {
    enter(FileCall::status, path);
    return inner_->status(path);
}

void FaultyFiles::rename(const std::string& from, const std::string& to) {
    enter(FileCall::rename, from);
    inner_->rename(from, to);
}

void FaultyFiles::remove(const std::string& path) {
    enter(FileCall::remove, path);
    inner_->remove(path);
}

void FaultyFiles::make_directory(const std::string& path) {
    enter(FileCall::make_directory, path);
    inner_->make_directory(path);
}

void FaultyFiles::sync_directory(const std::string& path) {
    enter(FileCall::sync_directory, path);
    inner_->sync_directory(path);
}

std::vector<FileCall> FaultyFiles::calls() const {
    const std::lock_guard lock{mutex_};
    return calls_;
}

}  // namespace kaygraph::test
