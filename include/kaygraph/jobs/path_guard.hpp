#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

/// @file
/// What a job is going to read and write, judged before it does either: nothing is overwritten by mistake.
/// @par MPI Local: one rank judges, and tells the others.
/// @par Threads One at a time.

#pragma GCC visibility push(hidden)

namespace kaygraph::jobs {

/// A file, and what it is to whoever named it: "the file of --report".
struct NamedPath {
    std::string what;
    std::string path;
};

/// Files that a caller of a job reads and writes beside it; the job's own must be others.
struct SideFiles {
    std::vector<NamedPath> read = {};
    std::vector<NamedPath> written = {};  ///< by replace_file, with what begins_as_export knows
};

/// Compares files by what they are, whatever their paths: links, spellings, files that are not there yet.
///
/// Errors: ArgumentError for a file that is another one of the job, too, that no rename may replace (a directory, a device, a
/// pipe, a link), or that nobody has asked to replace; IoError (io) for a folder that is not there, or in which
/// nothing may be made.
class KAYGRAPH_EXPORT PathGuard {
public:
    /// `overwrite`: files that are there may be replaced, whoever made them.
    explicit PathGuard(FileSystem& files = posix_files(), bool overwrite = false)
        : files_(&files), overwrite_(overwrite) {}

    /// A file that is read. All of them come before what is written.
    void reads(const std::string& what, const std::string& path);
    /// The same for one whose device and inode are known: of many inputs each look costs.
    void reads(const std::string& what, const std::string& path, const FileStatus& status);
    void reads(const SideFiles& side);
    /// A file that is written by way of PATH.part. Whether what is there may be replaced is the caller's to judge.
    void writes(const std::string& what, const std::string& path);
    /// The run directory of an output, and all that a run keeps in it.
    void writes_run_of(const std::string& out);
    /// A file that is written by replace_file once the job has ended. What is there must have been made so, too.
    void writes_side(const std::string& what, const std::string& path);
    void writes(const SideFiles& side);

private:
    /// A file by what it is: device and inode, or, by a name, those of its folder.
    using Key = std::tuple<std::uint64_t, std::uint64_t, std::string>;

    [[nodiscard]] std::vector<Key> keys_of(
        const std::string& path,
        const std::optional<FileStatus>& status
    );
    void claim(const std::string& what, const std::string& path);
    void require_folder(const std::string& path) const;
    void try_to_make(const std::string& path) const;
    void require_plain(const std::string& what, const std::string& path) const;
    void require_export(const std::string& what, const std::string& path) const;

    FileSystem* files_;
    bool overwrite_;
    std::map<Key, std::string> known_;                          // what each is to the job
    std::map<std::string, std::optional<FileStatus>> folders_;  // that were looked at
    std::vector<std::string> run_folders_;                      // perhaps not made yet
};

}  // namespace kaygraph::jobs

#pragma GCC visibility pop
