#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

/// @file
/// Which files the texts of a job come from, and how each is to be read. Nothing is read here but
/// directories and standard input.
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
    /// Of directories: patterns of file names, of which one must fit. Default: *.txt, *.jsonl and these
    /// with .gz or .zst; all regular files with `whole_files`.
    std::vector<std::string> include = {};
    /// Of all files, whatever their names say.
    std::optional<TextFormat> format = {};
    /// Where standard input is copied to for the input "-". What is there is replaced.
    std::string spool = {};
};

/// Returns the files that inputs name, in the order given. An input is a file, a directory (all files
/// below it, sorted by the bytes of their paths; each directory once, however many links lead to it), a
/// pattern with * ? or [ (its matches, sorted by bytes; a file of that very name comes first), or "-" for
/// standard input, which is read to its end.
///
/// Names decide: .gz and .zst are compressed; before these, .jsonl and .ndjson hold JSON, all else lines.
/// Standard input is recognised by its first bytes, and holds lines if not told otherwise.
/// @throws IoError for what is missing or no regular file, for a pattern or a directory without a match.
/// @throws ArgumentError for no inputs, "-" twice or without a `spool`, `whole_files` with another format.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<TextInput> list_text_inputs(
    std::span<const std::string> inputs,
    const TextInputOptions& options = {},
    FileSystem& files = posix_files()
);

}  // namespace kaygraph

#pragma GCC visibility pop
