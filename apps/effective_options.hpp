#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// @file
/// Options come from the command line, from KAYGRAPH_… variables, and from a file, in this order of weight.

namespace command {

/// An option of a verb: its long name without dashes, and whether it takes a value.
struct KnownOption {
    std::string name;
    bool takes_value = true;
};

/// Returns the value of an option on a command line, "" where it is not there.
[[nodiscard]] std::string value_of(
    const std::vector<std::string>& arguments,
    const std::string& option
);

/// Returns a variable of the environment.
[[nodiscard]] std::optional<std::string> environment(const std::string& name);

/// A wrong option is told by its name, whatever else is missing. The first argument is the verb.
/// @throws kaygraph::ArgumentError.
void refuse_unknown(
    const std::vector<std::string>& arguments,
    const std::vector<KnownOption>& known
);

/// Returns the variable of the environment that sets an option: "max-errors" is KAYGRAPH_MAX_ERRORS.
[[nodiscard]] std::string variable_of(const std::string& option);

/// Adds to a command line what it does not say and its surroundings do.
/// @throws kaygraph::ArgumentError for a switch that is neither on nor off.
void add_settings(
    std::vector<std::string>& arguments,
    const std::vector<KnownOption>& options,
    const std::map<std::string, std::vector<std::string>>& of_file,
    const std::function<std::optional<std::string>(const std::string& variable)>& environment
);

/// Returns the arguments as one would type them in a shell.
[[nodiscard]] std::string as_typed(const std::vector<std::string>& arguments);

}  // namespace command
