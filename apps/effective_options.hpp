#pragma once

#include "config_file.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// @file
/// Options come from the command line, from KAYGRAPH_… variables, and from a file, in this order of weight. A setting that is
/// not understood is an error that names what may have been meant.

namespace command {

/// An option of a verb: its long name without dashes, and whether it takes a value.
struct KnownOption {
    std::string name;
    bool takes_value = true;
};

/// The options of each verb.
using KnownVerbs = std::map<std::string, std::vector<KnownOption>>;

/// Where an option's value is from, where it is not from the command line: "the variable KAYGRAPH_THREADS".
using Origins = std::map<std::string, std::string>;

/// Returns the value of an option on a command line, "" where it is not there.
[[nodiscard]] std::string value_of(
    const std::vector<std::string>& arguments,
    const std::string& option
);

/// Returns a variable of the environment; one without a value is as good as none.
[[nodiscard]] std::optional<std::string> environment(const std::string& name);

/// A wrong option is told by its name, whatever else is missing. The first argument is the verb.
/// @throws kaygraph::ArgumentError.
void refuse_unknown(
    const std::vector<std::string>& arguments,
    const std::vector<KnownOption>& known
);

/// @throws kaygraph::ArgumentError for a section that is no verb, and for a name that is no option of its verb, or, above the
/// sections, of any.
void refuse_unknown(const ConfigFile& file, const std::string& path, const KnownVerbs& verbs);

/// @throws kaygraph::ArgumentError for a value that a variable of the library cannot have.
void refuse_wrong_variables();

/// Returns a warning for variables that begin with KAYGRAPH_ and set nothing, "" where there are none.
[[nodiscard]] std::string unknown_variables(const KnownVerbs& verbs);

/// Returns the variable of the environment that sets an option: "max-errors" is KAYGRAPH_MAX_ERRORS.
[[nodiscard]] std::string variable_of(const std::string& option);

/// Adds to a command line what it does not say and its surroundings do. The first argument is the verb.
/// @throws kaygraph::ArgumentError for a switch that is neither on nor off, and for several values where there can be one.
[[nodiscard]] Origins add_settings(
    std::vector<std::string>& arguments,
    const std::vector<KnownOption>& options,
    const ConfigFile& file,
    const std::string& path,
    const std::function<std::optional<std::string>(const std::string& variable)>& environment
);

/// Judges what variables and a file say of any option, whether or not it counts in this run: each is tried on the verb of its
/// section, or where it has none, on the verbs that have the option, of which one must take it; `first` is tried first.
/// `parse` reads a command line and throws where it has a wrong value. Where one is wrong, `origins` says where it is from.
/// @throws what `parse` throws; kaygraph::ArgumentError for a switch that is neither on nor off.
void refuse_wrong_values(
    const KnownVerbs& verbs,
    const std::string& first,
    const ConfigFile& file,
    const std::string& path,
    const std::function<std::optional<std::string>(const std::string& variable)>& environment,
    const std::function<void(const std::vector<std::string>& arguments)>& parse,
    Origins& origins
);

/// Returns lines that say where the options that a message names are from.
[[nodiscard]] std::string origins_in(const std::string& message, const Origins& origins);

/// Returns the arguments as one would type them in a shell.
[[nodiscard]] std::string as_typed(const std::vector<std::string>& arguments);

}  // namespace command
