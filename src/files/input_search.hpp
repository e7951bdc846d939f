#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// @file
/// Files in directories and by patterns, without what is hidden and what runs made.

namespace kaygraph::detail {

/// What a name says of the texts in a file.
enum class NameSays : std::uint8_t { lines, json_lines, json, table, nothing };

/// A name without its ending for compressed files.
struct InputName {
    Compression compression = Compression::none;
    NameSays says = NameSays::nothing;
};
[[nodiscard]] InputName judge_name(std::string_view name);

/// Returns whether a file's name makes it a pattern.
[[nodiscard]] KAYGRAPH_EXPORT bool is_pattern(std::string_view text);

/// Finds the files of one input.
/// @par Threads One at a time.
class InputSearch {
public:
    /// All must outlive it.
    InputSearch(const TextInputOptions& options, FileSystem& files, LeftOut& left_out)
        : options_(&options), files_(&files), left_out_(&left_out) {}

    /// Returns the files below a directory, sorted. @throws IoError where there is none.
    [[nodiscard]] std::vector<std::string> files_below(
        const std::string& directory,
        const FileStatus& status
    );

    /// Returns what a pattern matches, sorted. @throws IoError where that is nothing.
    [[nodiscard]] std::vector<std::string> matches_of(const std::string& pattern);

private:
    /// The names in a directory, of which those that belong to a run are marked.
    class Names;

    void visit(const std::string& directory);
    /// Returns the names in a directory that a part of a pattern fits; the last part names files.
    std::vector<std::string> matching(
        const std::string& part,
        bool is_last,
        const std::string& directory
    );
    void match(
        const std::string& pattern,
        std::size_t from,
        const std::string& directory,
        std::vector<std::string>& found
    );
    [[nodiscard]] bool fits(const std::string& name) const;
    [[nodiscard]] bool is_product(
        const Names& names,
        const std::string& name,
        const std::string& directory
    ) const;
    [[nodiscard]] bool is_directory(const std::string& path) const;
    [[nodiscard]] std::string searched() const;

    const TextInputOptions* options_;
    FileSystem* files_;
    LeftOut* left_out_;
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;  // links may lead in circles
    std::vector<std::string> found_;
};

}  // namespace kaygraph::detail
