#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/runs/run_history.hpp>
#include <kaygraph/runs/run_record.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// @file
/// The directory that a run keeps beside its output: what the run is, who works on it, how far it came.
/// @par MPI Local: one rank looks after the directory and tells the others.
/// @par Threads One at a time.

#pragma GCC visibility push(hidden)

namespace kaygraph::runs {

/// How a run treats what an earlier one left.
struct ResumeOptions {
    bool fresh = false;  ///< begin anew, whatever is there
    bool verify_all =
        false;  ///< look at all that was done before, not only at what a power cut may have lost
    bool overwrite =
        false;  ///< replace files that have the names of this run's, and that no run made
};

/// OUT.run.
class KAYGRAPH_EXPORT RunDirectory {
public:
    /// Touches no file. `files` must outlive it.
    RunDirectory(FileSystem& files, const std::string& out)
        : files_(&files), out_(out), path_(out + ".run") {}

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string journal(int rank) const { return journal_path(path_, rank); }
    /// Where crashes of a rank are noted, as frames: see note_crash.
    [[nodiscard]] std::string crashes(int rank) const { return crashes_path(path_, rank); }

    /// Whether there is something of that name that no run has made.
    [[nodiscard]] bool is_foreign() const;
    /// Makes the directory and keeps other processes out as long as this object, or the process, lives.
    /// @throws ArgumentError where another process works in it, with host and process.
    void lock();
    /// Reads run.json; nothing where there is none. @throws FormatError for what is no run.json of ours.
    [[nodiscard]] std::optional<RunRecord> read() const;
    /// Writes run.json, at once, and onto the device.
    void write(const RunRecord& record);
    /// Reads all journals, judged by the record of their run. @throws FormatError as read_history, and where a complete
    /// run counted other rejects.
    [[nodiscard]] RunHistory history(const RunRecord& record) const;
    /// Removes what runs left here, of however many ranks they were.
    void clear();
    /// Whether a run gives a file in its directory such a name.
    [[nodiscard]] static bool is_own_name(std::string_view name);

private:
    FileSystem* files_;
    std::string out_;
    std::string path_;
    std::unique_ptr<File> lock_;
};

}  // namespace kaygraph::runs

#pragma GCC visibility pop
