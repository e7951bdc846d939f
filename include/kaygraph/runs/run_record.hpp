#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/content_hash.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

/// @file
/// What run.json says: what a run is, the files that it follows from, how far it came, what it made.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

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

/// What tells that a file is the one that was looked at, without reading it.
struct FileStamp {
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t inode = 0;

    FileStamp() = default;
    explicit FileStamp(const FileStatus& status)
        : bytes(status.bytes),
          modified_ns(status.modified_ns),
          changed_ns(status.changed_ns),
          inode(status.inode) {}
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// A file that the bytes of the output follow from.
struct RunFile {
    std::string role = {};  ///< "input", "model", "projection"
    std::string kind = {};  ///< how it is read; of a file in a model's directory: its name there
    std::string path = {};
    FileStamp stamp = {};
    std::optional<Hash128> hash = {};  ///< of its content, by content_hash; none: not known yet
};

/// A file that the run made: the output, or one that is named after it.
struct RunProduct {
    std::string suffix = {};  ///< behind the name of the output: see `product`
    FileStamp stamp = {};     ///< until it has its name its size alone
    /// XXH3-128 of its bytes; none for a matrix that was written in place, whose blocks are in the journals.
    std::optional<Hash128> hash = {};
};

/// What products are called: OUT and one of these.
namespace product {
inline constexpr std::string_view matrix;
inline constexpr std::string_view ids = ".ids.jsonl";
inline constexpr std::string_view rows = ".rows.npy";
inline constexpr std::string_view rejects = ".run/rejects.jsonl";
}  // namespace product

/// What run.json holds.
struct KAYGRAPH_EXPORT RunRecord {
    /// What the output's bytes follow from beside files, by name: options, … A run goes on only where all are equal.
    std::map<std::string, std::string> identity = {};
    /// And the files. Where the stamp of one is another, its content decides.
    std::vector<RunFile> files = {};
    /// What else people want to know: version, ranks, threads, …; of the latest start.
    std::map<std::string, std::string> facts = {};
    RunStatus status = RunStatus::running;
    std::uint32_t attempts = 0;  ///< how often it was started
    int most_ranks = 0;          ///< of any start: there are journals up to this one
    std::uint64_t n_items = 0;   ///< once they were counted
    std::uint64_t n_rejected = 0;
    std::vector<RunProduct> products = {};
    bool has_hashes = true;  ///< not of the first format of run.json: it knew no hashes of files

    [[nodiscard]] const RunProduct* product(std::string_view suffix) const noexcept;
};

/// Returns the text of run.json. `out` is the output, by whose name products are told.
[[nodiscard]] KAYGRAPH_EXPORT std::string to_json(const RunRecord& record, const std::string& out);

/// Reads it. `path` stands for it in errors. @throws FormatError for what is no run.json of ours.
[[nodiscard]] KAYGRAPH_EXPORT RunRecord
parse_run_record(std::string_view text, const std::string& path);

/// Returns a line for each part of a run that is another whatever the content of its files: "model: hash:64, was hash:128".
[[nodiscard]] KAYGRAPH_EXPORT std::vector<std::string> differences(
    const RunRecord& before,
    const RunRecord& now
);

/// Whether a file is known to be the same without a look into it: by path, size, times and inode.
[[nodiscard]] KAYGRAPH_EXPORT bool is_trusted(const RunFile& before, const RunFile& now);

/// Returns a line for each file whose content is another. Both runs have the same files, with their hashes.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<std::string> content_differences(
    const RunRecord& before,
    const RunRecord& now
);

}  // namespace kaygraph::runs

#pragma GCC visibility pop
