#include <kaygraph/base/error.hpp>
#include <kaygraph/jobs/path_guard.hpp>
#include <kaygraph/metrics/run_document.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <system_error>

namespace kaygraph::jobs {
namespace {

namespace fs = std::filesystem;

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

/// A page may be made in the folder of its run.
bool is_taken_in_run(const std::string& name) {
    return runs::RunDirectory::is_own_name(name) && name.rfind("report.html", 0) != 0;
}

std::string absolute(const std::string& path) {
    std::error_code error;
    return fs::absolute(path, error).lexically_normal().string();
}

}  // namespace

/// By identity where it is there, and by its name in its folder, by which two files that are to be made are compared.
std::vector<PathGuard::Key> PathGuard::keys_of(
    const std::string& path,
    const std::optional<FileStatus>& status
) {
    std::vector<Key> keys;
    if (status) {
        keys.emplace_back(status->device, status->inode, std::string{});
    }
    const std::string name = directory_of(path);
    auto folder = folders_.find(name);
    if (folder == folders_.end()) {
        folder = folders_.emplace(name, files_->status(name)).first;
    }
    if (folder->second && folder->second->is_directory) {
        keys.emplace_back(folder->second->device, folder->second->inode, name_of(path));
    } else {
        keys.emplace_back(0, 0, absolute(path));
    }
    return keys;
}

void PathGuard::reads(const std::string& what, const std::string& path) {
    for (Key& key : keys_of(path, files_->status(path))) {
        known_.emplace(std::move(key), what);
    }
}

void PathGuard::reads(const std::string& what, const std::string& path, const FileStatus& status) {
    for (Key& key : keys_of(path, status)) {
        known_.emplace(std::move(key), what);
    }
}

void PathGuard::claim(const std::string& what, const std::string& path) {
    const std::vector<Key> keys = keys_of(path, files_->status(path));
    for (const Key& key : keys) {
        const auto found = known_.find(key);
        if (found != known_.end()) {
            throw ArgumentError(
                what + " is also " + found->second + ": name another file", {.file = path}
            );
        }
    }
    for (const Key& key : keys) {
        known_.emplace(key, what);
    }
}

void PathGuard::writes(const std::string& what, const std::string& path) {
    require_plain(what, path);
    require_folder(path);
    claim(what, path);
    claim(what + ", unfinished,", path + ".part");
}

void PathGuard::writes_run_of(const std::string& out) {
    const runs::RunDirectory directory{*files_, out};
    const std::string& path = directory.path();
    const auto status = files_->status(path);
    if (status && !status->is_directory) {
        throw ArgumentError(
            "here goes the folder in which a run keeps what it needs to go on, and a file is "
            "there: "
            "name another output",
            {.file = path}
        );
    }
    claim("the folder of the run", path);
    run_folders_.push_back(absolute(path));
    if (!status) {
        return;
    }
    const std::string folder = path + "/";
    for (const std::string& name : files_->names_in(path)) {
        if (is_taken_in_run(name)) {
            claim("a file of the run", folder + name);
        }
    }
}

void PathGuard::writes_side(const std::string& what, const std::string& path) {
    require_plain(what, path);
    const std::string folder = absolute(directory_of(path));
    const bool is_in_run =
        std::find(run_folders_.begin(), run_folders_.end(), folder) != run_folders_.end();
    if (!is_in_run) {
        require_folder(path);
    } else if (is_taken_in_run(name_of(path))) {
        throw ArgumentError(
            what + " has the name of a file of the run: name another file", {.file = path}
        );
    }
    claim(what, path);
    claim(what + ", unfinished,", path + ".part");
    require_export(what, path);
    if (!is_in_run) {
        try_to_make(path + ".part");
    }
}

/// Who may write is not always told by the rights of a folder.
void PathGuard::try_to_make(const std::string& path) const {
    if (!files_->status(path)) {
        files_->open(path, OpenMode::create)->close();
        files_->remove(path);
    }
}

void PathGuard::reads(const SideFiles& side) {
    for (const NamedPath& file : side.read) {
        reads(file.what, file.path);
    }
}

void PathGuard::writes(const SideFiles& side) {
    for (const NamedPath& file : side.written) {
        writes_side(file.what, file.path);
    }
}

void PathGuard::require_folder(const std::string& path) const {
    const std::string folder = directory_of(path);
    const auto status = files_->status(folder);
    if (!status || !status->is_directory) {
        throw IoError(
            ErrorCode::io, "cannot create: there is no folder '" + folder + "'", {.file = path}
        );
    }
    if (!files_->may_write_in(folder)) {
        throw IoError(
            ErrorCode::io,
            "cannot create: this process may not make files in the folder '" + folder + "'",
            {.file = path}
        );
    }
}

/// A file gets its name by a rename, which replaces whatever has that name.
void PathGuard::require_plain(const std::string& what, const std::string& path) const {
    if (path == "-") {
        throw ArgumentError(what + " is a file, not standard output: name it");
    }
    std::error_code error;
    if (fs::is_symlink(path, error)) {
        const fs::path target = fs::read_symlink(path, error);
        throw ArgumentError(
            what + " is a link: name the file itself, " + target.string(), {.file = path}
        );
    }
    const auto status = files_->status(path);
    const bool is_folder = status ? status->is_directory : name_of(path).empty();
    if (is_folder) {
        throw ArgumentError(what + " is a directory: name a file in it", {.file = path});
    }
    if (status && !status->is_regular) {
        throw ArgumentError(what + " is a device or a pipe: name a plain file", {.file = path});
    }
}

/// What no run has made is not replaced unless that is asked for. Of a file that was not finished nothing may be there.
void PathGuard::require_export(const std::string& what, const std::string& path) const {
    if (overwrite_) {
        return;
    }
    for (const std::string& there : {path, path + ".part"}) {
        const auto status = files_->status(there);
        if (!status) {
            continue;
        }
        std::string beginning(export_beginning_bytes, '\0');
        if (status->is_regular) {
            const std::unique_ptr<File> file = files_->open(there, OpenMode::read);
            beginning.resize(file->read_at(
                0, std::as_writable_bytes(std::span{beginning.data(), beginning.size()})
            ));
        }
        const bool is_unfinished =
            there != path && beginning.find_first_not_of('\0') == std::string::npos;
        if (!is_unfinished && !begins_as_export(beginning)) {
            throw ArgumentError(
                what + " would replace a file that no run has made: name another, or --overwrite",
                {.file = there}
            );
        }
    }
}

}  // namespace kaygraph::jobs
