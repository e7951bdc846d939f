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
/// Which files the texts of a job come from.
/// @par MPI Local: on ranks one of them lists, and tells the others.
/// @par Threads Any thread.

namespace kaygraph {

/// What a file's texts are.
enum class TextFormat : std::uint8_t {
    lines,  ///< a text a line
    jsonl,  ///< a JSON object a line
    whole,  ///< the file is one text
};

enum class Compression : std::uint8_t { none, gzip, zstd };

/// A file of texts, as it was when it was listed.
struct KAYGRAPH_EXPORT TextInput {
    std::string path = {};
    TextFormat format = TextFormat::lines;
    Compression compression = Compression::none;
    std::uint64_t bytes = 0;       ///< of the file, compressed or not
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
    bool whole_files = false;  ///< each file is one text
    /// Patterns that names of files in directories must match one of. Empty: *.txt, *.jsonl and *.ndjson, also
    /// with .gz and .zst; with whole_files every file.
    std::vector<std::string> include = {};
    std::optional<TextFormat> format = {};  ///< lines or jsonl; empty: by the names
    std::string spool = {};                 ///< the file that standard input is copied to
};

/// Lists the files of inputs, in the order given. An input is a file of any name, a pattern of * ? and [ ]
/// (sorted by path), a directory (all below it, sorted by path; links to directories are not followed), or "-" for
/// standard input, which is copied to `spool`.
///
/// By its name a file is compressed (.gz, .zst) and of JSON records (.jsonl, .ndjson); of lines otherwise.
/// @throws IoError naming what is not there, is no regular file, or matches nothing; ArgumentError for "-" without a spool, or twice.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<TextInput> list_text_inputs(
    std::span<const std::string> inputs,
    const TextInputOptions& options,
    FileSystem& files = posix_files()
);

}  // namespace kaygraph
