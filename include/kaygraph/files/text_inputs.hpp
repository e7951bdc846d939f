#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/log.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

/// @file
/// Which files the texts of a job come from, and how each is to be read. Nothing is read here but
/// directories, standard input, and the start of files whose names do not tell what they hold.
/// @par MPI Local. Ranks that must agree take the list of one of them.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What of a file is a text.
enum class TextFormat : std::uint8_t {
    lines,  ///< a line
    jsonl,  ///< a line that holds a JSON object; lines of white space are none
    whole,  ///< the file
};

enum class Compression : std::uint8_t { none, gzip, zstd };

/// A file of texts, as it was when it was listed.
struct TextInput {
    std::string path;
    TextFormat format = TextFormat::lines;
    Compression compression = Compression::none;
    std::uint64_t bytes = 0;       ///< as stored, so compressed where it is
    std::int64_t modified_ns = 0;  ///< since 1970
    std::uint64_t device = 0;      ///< with `inode`: the same file, whatever its path
    std::uint64_t inode = 0;

    static auto codec(auto& self) {
        return std::tie(
            self.path,
            self.format,
            self.compression,
            self.bytes,
            self.modified_ns,
            self.device,
            self.inode
        );
    }
};

struct TextInputOptions {
    /// Each file is one text.
    bool whole_files = false;
    /// Of directories: patterns of file names, of which one must fit. Default: the names of texts and of JSON
    /// lines (see list_text_inputs), all regular files with `whole_files`.
    std::vector<std::string> include = {};
    /// Of all files, whatever their names say.
    std::optional<TextFormat> format = {};
    /// Where standard input is copied to for the input "-". What is there is replaced.
    std::string spool = {};
    /// Called now and then while standard input is read, or waited for; may throw to end that.
    std::function<void()> while_reading = {};
    /// Of directories and patterns: whether a run made a file that has the name of one's product, and that is left out then.
    /// Default: the name says enough.
    std::function<bool(const std::string& path)> is_product = {};
    /// Gets a warning where it is uncertain what a file holds.
    Log log = {};
};

/// What was found in directories and by patterns, and not taken, by the reason.
struct LeftOut {
    std::uint64_t hidden = 0;           ///< files and directories whose names begin with a dot
    std::uint64_t run_directories = 0;  ///< directories named *.run
    std::uint64_t products =
        0;  ///< what earlier runs wrote: the file that a .run belongs to, its ids, ...
    std::uint64_t other_names = 0;  ///< files whose names do not fit
    std::uint64_t other_json = 0;   ///< .json files that do not hold a JSON object a line
    std::uint64_t no_files = 0;     ///< pipes, devices, links that lead nowhere

    /// Returns them for people, "2 hidden, 1 run directory"; empty where nothing was left out.
    [[nodiscard]] KAYGRAPH_EXPORT std::string describe() const;

    static auto codec(auto& self) {
        return std::tie(
            self.hidden,
            self.run_directories,
            self.products,
            self.other_names,
            self.other_json,
            self.no_files
        );
    }
};

/// Returns the files that inputs name, in the order given. An input is a file, a directory (all files
/// below it, sorted by the bytes of their paths; each directory once, however many links lead to it), a
/// pattern with * ? or [ (its matches, sorted by bytes; a file of that very name comes first), or "-" for
/// standard input, which is read to its end.
///
/// A file that is named is taken. In directories, and of what patterns match, hidden names are left out (where no
/// pattern has the dot), and what runs made: directories *.run, and the files that belong to one beside them.
///
/// Names tell what a file holds: .gz and .zst are compressed; before these, .txt is lines, .jsonl .ndjson and
/// .jsonlines are JSON lines. Of other names, and of standard input, the first bytes decide: JSON lines where
/// the first line that is not empty is a JSON object, else lines. A .json file that is no JSON lines is left out
/// of a directory; where it is named, or where a .txt begins with a JSON object, a warning says how it is taken.
/// So it does for a .csv or .tsv, whose lines are texts as they are.
/// @param left_out Gets what was left out, where it is given.
/// @throws IoError for what is missing or no regular file, for a pattern or a directory without a match.
/// @throws ArgumentError for no inputs, "-" twice or without a `spool`, `whole_files` with another format.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<TextInput> list_text_inputs(
    std::span<const std::string> inputs,
    const TextInputOptions& options = {},
    FileSystem& files = posix_files(),
    LeftOut* left_out = nullptr
);

}  // namespace kaygraph

#pragma GCC visibility pop
