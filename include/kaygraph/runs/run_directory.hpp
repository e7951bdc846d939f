#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/runs/run_history.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// The directory that a run keeps beside its output: what the run is, who works on it, how far it came.
/// @par MPI Local: one rank looks after the directory and tells the others.
/// @par Threads One at a time.

namespace kaygraph::runs {

/// How far a run came.
enum class RunStatus : std::uint8_t {
    running,     ///< it works, or died
    stopped,     ///< it was asked to stop; nothing is lost
    failed,      ///< an error ended it
    publishing,  ///< all is done, files get their names
    complete,
};

[[nodiscard]] KAYGRAPH_EXPORT std::string_view to_string(RunStatus status) noexcept;

/// How a run treats what an earlier one left.
struct ResumeOptions {
    bool fresh = false;  ///< begin anew, whatever is there
    bool verify_all =
        false;  ///< look at all that was done before, not only at what a power cut may have lost
};

/// What run.json holds.
struct RunRecord {
    /// What the output's bytes follow from, by name: inputs, model, … A run goes on only where all are equal.
    std::map<std::string, std::string> identity = {};
    /// What else people want to know: version, ranks, threads, …; of the latest start.
    std::map<std::string, std::string> facts = {};
    RunStatus status = RunStatus::running;
    std::uint32_t attempts = 0;  ///< how often it was started
    int most_ranks = 0;          ///< of any start: there are journals up to this one
    std::uint64_t n_items = 0;   ///< once they were counted
    std::uint64_t n_rejected = 0;
};

/// Returns a line for each part of the identity that differs: "model: hash:64, was hash:128".
[[nodiscard]] KAYGRAPH_EXPORT std::vector<std::string> differences(
    const RunRecord& before,
    const RunRecord& now
);

/// OUT.run.
class KAYGRAPH_EXPORT RunDirectory {
public:
    /// Touches no file. `files` must outlive it.
    RunDirectory(FileSystem& files, const std::string& out) : files_(&files), path_(out + ".run") {}

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string journal(int rank) const { return journal_path(path_, rank); }

    /// Where crashes of a rank are noted, as frames: see note_crash.
    [[nodiscard]] std::string crashes(int rank) const { return crashes_path(path_, rank); }

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
    /// Removes what a run left here.
    void clear(int most_ranks);

private:
    FileSystem* files_;
    std::string path_;
    std::unique_ptr<File> lock_;
};

/// Returns what tells a file from others with the same name: size, time of change, and a hash of up to 64 pieces of
/// 4 KiB, evenly spread.
[[nodiscard]] KAYGRAPH_EXPORT std::string file_identity(FileSystem& files, const std::string& path);

}  // namespace kaygraph::runs
