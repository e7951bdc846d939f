#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

/// @file
/// Files of options. A line is `name = value`, a section `[verb]` begins the options of one verb; what stands above the
/// sections is for all verbs that have it. Values may be in quotes, or several in brackets with commas between them; `#` begins
/// a comment, and `;` where a line begins with it.

namespace command {

/// The values of an option, and the line that says so.
struct Setting {
    std::vector<std::string> values;
    std::size_t line = 0;
};

/// Options by name, by verb; those of all verbs under "".
using ConfigFile = std::map<std::string, std::map<std::string, Setting>>;

/// Reads a file of options. What its names mean is another's to judge.
/// @throws kaygraph::ArgumentError with the line, for what is no such file; IoError where it cannot be read.
[[nodiscard]] ConfigFile read_config_file(const std::string& path);

/// Parses what such a file holds. `path` stands for it in errors.
[[nodiscard]] ConfigFile parse_config_file(const std::string& text, const std::string& path);

}  // namespace command
