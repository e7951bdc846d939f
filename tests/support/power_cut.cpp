#include "support/power_cut.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

namespace kaygraph::test {
namespace {

using Kind = FileChange::Kind;

class RecordingFile final : public File {
public:
    RecordingFile(std::unique_ptr<File> inner, RecordingFiles& files, int number)
        : inner_(std::move(inner)), files_(&files), number_(number) {}

    std::size_t read_at(std::uint64_t offset, std::span<std::byte> bytes) override {
        return inner_->read_at(offset, bytes);
    }
    void write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
        inner_->write_at(offset, bytes);
        files_->add(
            {.kind = Kind::write,
             .file = number_,
             .at = offset,
             .bytes = {bytes.begin(), bytes.end()}}
        );
    }
    void resize(std::uint64_t bytes) override {
        inner_->resize(bytes);
        files_->add({.kind = Kind::resize, .file = number_, .at = bytes});
    }
    void sync() override {
        inner_->sync();
        files_->add({.kind = Kind::sync, .file = number_});
    }
    void close() override { inner_->close(); }
    bool try_lock() override { return inner_->try_lock(); }
    FileStatus status() override { return inner_->status(); }
    const std::string& path() const noexcept override { return inner_->path(); }

private:
    std::unique_ptr<File> inner_;
    RecordingFiles* files_;
    int number_;
};

bool is_of_bytes(Kind kind) {
    return kind == Kind::write || kind == Kind::resize;
}
bool is_of_names(Kind kind) {
    return kind == Kind::link || kind == Kind::rename || kind == Kind::remove
           || kind == Kind::make_directory;
}

/// The changes up to a cut that a later sync has put onto the device.
std::vector<bool> synced(const std::vector<FileChange>& changes, std::size_t n) {
    std::vector<bool> is_synced(n);
    std::set<int> files;
    std::set<std::string> directories;
    for (std::size_t i = n; i-- > 0;) {
        const FileChange& change = changes[i];
        if (change.kind == Kind::sync) {
            files.insert(change.file);
        } else if (change.kind == Kind::sync_directory) {
            directories.insert(change.path);
        } else if (is_of_bytes(change.kind)) {
            is_synced[i] = files.contains(change.file);
        } else {
            is_synced[i] = directories.contains(directory_of(change.path));
        }
    }
    return is_synced;
}

void apply(const FileChange& change, std::size_t n_bytes, std::vector<std::byte>& bytes) {
    if (change.kind == Kind::resize) {
        bytes.resize(change.at);
        return;
    }
    bytes.resize(std::max<std::size_t>(bytes.size(), change.at + n_bytes));
    std::copy_n(
        change.bytes.begin(), n_bytes, bytes.begin() + static_cast<std::ptrdiff_t>(change.at)
    );
}

}  // namespace

void RecordingFiles::add(FileChange change) {
    const std::lock_guard lock{mutex_};
    changes_.push_back(std::move(change));
}

std::unique_ptr<File> RecordingFiles::open(const std::string& path, OpenMode mode) {
    const bool was_there = inner_->status(path).has_value();
    std::unique_ptr<File> file = inner_->open(path, mode);
    if (mode == OpenMode::read) {
        return file;
    }
    const std::lock_guard lock{mutex_};
    if (!was_there) {
        numbers_[path] = n_files_++;
        changes_.push_back({.kind = Kind::link, .file = numbers_[path], .path = path});
    }
    return std::make_unique<RecordingFile>(std::move(file), *this, numbers_.at(path));
}

std::optional<FileStatus> RecordingFiles::status(const std::string& path) {
    return inner_->status(path);
}

void RecordingFiles::rename(const std::string& from, const std::string& to) {
    inner_->rename(from, to);
    const std::lock_guard lock{mutex_};
    numbers_[to] = numbers_.at(from);
    numbers_.erase(from);
    changes_.push_back({.kind = Kind::rename, .file = numbers_[to], .path = from, .to = to});
}

void RecordingFiles::remove(const std::string& path) {
    inner_->remove(path);
    const std::lock_guard lock{mutex_};
    if (numbers_.erase(path) != 0) {
        changes_.push_back({.kind = Kind::remove, .path = path});
    }
}

void RecordingFiles::make_directory(const std::string& path) {
    const bool was_there = inner_->status(path).has_value();
    inner_->make_directory(path);
    if (!was_there) {
        add({.kind = Kind::make_directory, .path = path});
    }
}

void RecordingFiles::sync_directory(const std::string& path) {
    inner_->sync_directory(path);
    add({.kind = Kind::sync_directory, .path = path});
}

void rebuild(
    const std::vector<FileChange>& changes,
    std::size_t n,
    Survivors survivors,
    std::mt19937_64& random,
    const std::string& origin,
    const std::filesystem::path& folder
) {
    const std::vector<bool> is_synced = synced(changes, n);
    std::size_t dropped = n;
    std::vector<std::size_t> pending;
    for (std::size_t i = 0; i < n; ++i) {
        if (!is_synced[i] && (is_of_bytes(changes[i].kind) || is_of_names(changes[i].kind))) {
            pending.push_back(i);
        }
    }
    if (survivors == Survivors::all_but_one && !pending.empty()) {
        dropped = pending[random() % pending.size()];
    }
    std::map<int, std::vector<std::byte>> bytes;
    std::map<std::string, int> names;
    std::set<std::string> directories{origin};
    for (std::size_t i = 0; i < n; ++i) {
        const FileChange& change = changes[i];
        bool survives = is_synced[i] || survivors == Survivors::all;
        std::size_t n_bytes = change.bytes.size();
        if (!is_synced[i] && survivors == Survivors::all_but_one) {
            survives = i != dropped;
        } else if (!is_synced[i] && survivors == Survivors::random) {
            survives = random() % 2 == 0;
            if (random() % 4 == 0) {  // torn: what reached the device begins with whole sectors
                n_bytes = std::min<std::size_t>(n_bytes, random() % (n_bytes / 512 + 1) * 512);
            }
        }
        if (!survives) {
            continue;
        }
        switch (change.kind) {
            case Kind::write:
            case Kind::resize:
                apply(change, n_bytes, bytes[change.file]);
                break;
            case Kind::link:
                names[change.path] = change.file;
                break;
            case Kind::rename:
                names.erase(change.path);
                names[change.to] = change.file;
                break;
            case Kind::remove:
                names.erase(change.path);
                break;
            case Kind::make_directory:
                directories.insert(change.path);
                break;
            case Kind::sync:
            case Kind::sync_directory:
                break;
        }
    }
    const auto here = [&](const std::string& path) {
        return folder / std::filesystem::path{path}.lexically_relative(origin);
    };
    for (const std::string& directory : directories) {
        std::filesystem::create_directories(here(directory));
    }
    for (const auto& [path, file] : names) {
        if (directories.contains(directory_of(path))) {
            const std::vector<std::byte>& of_file = bytes[file];
            std::ofstream{here(path), std::ios::binary}.write(
                reinterpret_cast<const char*>(of_file.data()),
                static_cast<std::streamsize>(of_file.size())
            );
        }
    }
}

}  // namespace kaygraph::test
