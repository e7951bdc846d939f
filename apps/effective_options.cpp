#include "effective_options.hpp"

#include "nearest.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/kernels/simd_level.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <set>
#include <string_view>

namespace command {
namespace {

bool says(const std::vector<std::string>& arguments, const std::string& option) {
    const std::string flag = "--" + option;
    return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
        return argument == flag || argument.rfind(flag + "=", 0) == 0;
    });
}

std::vector<std::string> names_of(const std::vector<KnownOption>& options) {
    std::vector<std::string> names;
    names.reserve(options.size());
    for (const KnownOption& option : options) {
        names.push_back(option.name);
    }
    return names;
}

bool is_among(const std::string& name, const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Variables that are none of the command's options: of the library, of the tests, and what module systems set for every
/// package.
const std::vector<std::string>& other_variables() {
    static const std::vector<std::string> names{
        "KAYGRAPH_CONFIG",
        "KAYGRAPH_SIMD",
        "KAYGRAPH_SEED",
        "KAYGRAPH_TEST_DATA",
        "KAYGRAPH_POWER_CUT_STATES",
        "KAYGRAPH_BIN",
        "KAYGRAPH_DIR",
        "KAYGRAPH_HOME",
        "KAYGRAPH_INC",
        "KAYGRAPH_INCLUDE_DIR",
        "KAYGRAPH_LIB",
        "KAYGRAPH_PATH",
        "KAYGRAPH_PREFIX",
        "KAYGRAPH_ROOT",
        "KAYGRAPH_VERSION"};
    return names;
}

bool is_on(const std::string& option, const std::string& value, const std::string& origin) {
    constexpr std::array<std::string_view, 4> on{"1", "true", "yes", "on"};
    constexpr std::array<std::string_view, 5> off{"0", "false", "no", "off", ""};
    if (std::find(on.begin(), on.end(), value) != on.end()) {
        return true;
    }
    if (std::find(off.begin(), off.end(), value) == off.end()) {
        throw kaygraph::ArgumentError(
            "the switch --" + option + " is set to '" + value + "' by " + origin
            + ": expected true or false"
        );
    }
    return false;
}

const KnownOption* find_option(const std::vector<KnownOption>& options, const std::string& name) {
    const auto found = std::find_if(options.begin(), options.end(), [&](const KnownOption& option) {
        return option.name == name;
    });
    return found == options.end() ? nullptr : &*found;
}

/// What surroundings say of an option.
struct Said {
    std::string verb = {};  // empty: to all that have the option
    std::string option;
    std::vector<std::string> values;
    std::string origin;
};

std::string origin_of(const Setting& setting, const std::string& path) {
    return "line " + std::to_string(setting.line) + " of " + path;
}

std::string origin_of_variable(const std::string& option) {
    return "the variable " + variable_of(option);
}

std::vector<Said> all_said(
    const KnownVerbs& verbs,
    const ConfigFile& file,
    const std::string& path,
    const std::function<std::optional<std::string>(const std::string& variable)>& environment
) {
    std::vector<Said> all;
    std::set<std::string> names;
    for (const auto& [verb, options] : verbs) {
        for (const KnownOption& option : options) {
            names.insert(option.name);
        }
    }
    for (const std::string& name : names) {
        if (const auto value = environment(variable_of(name))) {
            all.push_back({.option = name, .values = {*value}, .origin = origin_of_variable(name)});
        }
    }
    for (const auto& [verb, settings] : file) {
        for (const auto& [name, setting] : settings) {
            all.push_back(
                {.verb = verb,
                 .option = name,
                 .values = setting.values,
                 .origin = origin_of(setting, path)}
            );
        }
    }
    return all;
}

/// Throws where a verb does not take what is said of an option that it has.
void try_on(
    const std::string& verb,
    const KnownOption& option,
    const Said& said,
    const std::function<void(const std::vector<std::string>& arguments)>& parse
) {
    std::vector<std::string> arguments{verb};
    for (const std::string& value : said.values) {
        if (option.takes_value) {
            arguments.push_back("--" + option.name + "=" + value);
        } else {
            static_cast<void>(is_on(option.name, value, said.origin));
        }
    }
    parse(arguments);
}

}  // namespace

std::string value_of(const std::vector<std::string>& arguments, const std::string& option) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == option && i + 1 < arguments.size()) {
            return arguments[i + 1];
        }
        if (arguments[i].rfind(option + "=", 0) == 0) {
            return arguments[i].substr(option.size() + 1);
        }
    }
    return "";
}

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>{value};
}

void refuse_unknown(
    const std::vector<std::string>& arguments,
    const std::vector<KnownOption>& known
) {
    for (const std::string& argument : arguments) {
        if (argument == "--") {
            return;
        }
        if (argument.rfind("--", 0) != 0) {
            continue;
        }
        const std::string name = argument.substr(2, argument.find('=') - 2);
        const bool is_known = name == "help" || name == "config"
                              || std::any_of(known.begin(), known.end(), [&](const auto& option) {
                                     return option.name == name;
                                 });
        if (!is_known) {
            throw kaygraph::ArgumentError(
                "'" + arguments[0] + "' has no option --" + name
                + did_you_mean(name, names_of(known)) + "; kaygraph " + arguments[0]
                + " --help tells all; a file of that name comes after --"
            );
        }
    }
}

void refuse_unknown_names(
    const ConfigFile::value_type& section,
    const std::string& path,
    const std::vector<std::string>& known
) {
    const std::string has = section.first.empty() ? "no verb has an option '"
                                                  : "'" + section.first + "' has no option '";
    for (const auto& [name, setting] : section.second) {
        if (!is_among(name, known)) {
            std::string line = "line " + std::to_string(setting.line) + ": ";
            line.append(has).append(name).append("'").append(did_you_mean(name, known));
            throw kaygraph::ArgumentError(line, {.file = path});
        }
    }
}

void refuse_unknown(const ConfigFile& file, const std::string& path, const KnownVerbs& verbs) {
    std::vector<std::string> sections;
    std::vector<std::string> of_any;
    for (const auto& [verb, options] : verbs) {
        sections.push_back(verb);
        const std::vector<std::string> names = names_of(options);
        of_any.insert(of_any.end(), names.begin(), names.end());
    }
    for (const ConfigFile::value_type& section : file) {
        const std::string& verb = section.first;
        if (!verb.empty() && !is_among(verb, sections)) {
            throw kaygraph::ArgumentError(
                "[" + verb + "] is no verb" + did_you_mean(verb, sections), {.file = path}
            );
        }
        refuse_unknown_names(section, path, verb.empty() ? of_any : names_of(verbs.at(verb)));
    }
}

/// Returns what a file says of an option, to a verb or to all; null where nothing.
const Setting* find_setting(
    const ConfigFile& file,
    const std::string& verb,
    const std::string& name
) {
    for (const std::string& section : {verb, std::string{}}) {  // a verb's own weigh more
        const auto settings = file.find(section);
        if (settings == file.end()) {
            continue;
        }
        const auto setting = settings->second.find(name);
        if (setting != settings->second.end()) {
            return &setting->second;
        }
    }
    return nullptr;
}

void refuse_wrong_variables() {
    const auto simd = environment("KAYGRAPH_SIMD");
    if (!simd) {
        return;
    }
    std::vector<std::string> levels;
    for (int level = 0; level < 16; ++level) {
        const auto name =
            kaygraph::kernels::to_string(static_cast<kaygraph::kernels::SimdLevel>(level));
        if (name != "unknown") {
            levels.emplace_back(name);
        }
    }
    if (!is_among(*simd, levels)) {
        std::string expected;
        for (const std::string& level : levels) {
            expected += (expected.empty() ? "" : " | ") + level;
        }
        throw kaygraph::ArgumentError(
            "the variable KAYGRAPH_SIMD: expected " + expected + ", found '" + *simd + "'"
            + did_you_mean(*simd, levels)
        );
    }
}

std::string unknown_variables(const KnownVerbs& verbs) {
    constexpr std::string_view prefix = "KAYGRAPH_";
    std::vector<std::string> known = other_variables();
    for (const auto& [verb, options] : verbs) {
        for (const KnownOption& option : options) {
            known.push_back(variable_of(option.name));
        }
    }
    std::string unknown;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view variable{*each};
        const std::string name{variable.substr(0, variable.find('='))};
        if (name.rfind(prefix, 0) == 0 && !is_among(name, known)) {
            unknown += (unknown.empty() ? "" : ", ") + name + did_you_mean(name, known);
        }
    }
    return unknown.empty() ? "" : "warning: variables that set nothing: " + unknown;
}

std::string variable_of(const std::string& option) {
    std::string name = "KAYGRAPH_";
    for (const char c : option) {
        name += c == '-' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

Origins add_settings(
    std::vector<std::string>& arguments,
    const std::vector<KnownOption>& options,
    const ConfigFile& file,
    const std::string& path,
    const std::function<std::optional<std::string>(const std::string& variable)>& environment
) {
    const std::vector<std::string> typed = arguments;
    Origins origins;
    for (const KnownOption& option : options) {
        if (says(typed, option.name)) {
            continue;
        }
        std::vector<std::string> values;
        std::string origin;
        if (const auto value = environment(variable_of(option.name))) {
            values = {*value};
            origin = origin_of_variable(option.name);
        } else if (const Setting* const setting = find_setting(file, typed.at(0), option.name)) {
            values = setting->values;
            origin = origin_of(*setting, path);
        }
        if (!origin.empty()) {
            origins[option.name] = origin;
        }
        for (const std::string& value : values) {
            if (option.takes_value) {
                arguments.push_back("--" + option.name + "=" + value);
            } else if (is_on(option.name, value, origin)) {
                arguments.push_back("--" + option.name);
            }
        }
    }
    return origins;
}

void refuse_wrong_values(
    const KnownVerbs& verbs,
    const std::string& first,
    const ConfigFile& file,
    const std::string& path,
    const std::function<std::optional<std::string>(const std::string& variable)>& environment,
    const std::function<void(const std::vector<std::string>& arguments)>& parse,
    Origins& origins
) {
    std::vector<std::string> in_order{first};
    for (const auto& [verb, options] : verbs) {
        if (verb != first) {
            in_order.push_back(verb);
        }
    }
    for (const Said& said : all_said(verbs, file, path, environment)) {
        std::exception_ptr refusal;
        for (const std::string& verb : in_order) {
            const KnownOption* const option = find_option(verbs.at(verb), said.option);
            if (option == nullptr || (!said.verb.empty() && said.verb != verb)) {
                continue;
            }
            try {
                try_on(verb, *option, said, parse);
                refusal = nullptr;
                break;
            } catch (...) {
                refusal = refusal == nullptr ? std::current_exception() : refusal;
            }
        }
        if (refusal != nullptr) {
            origins = {{said.option, said.origin}};
            std::rethrow_exception(refusal);
        }
    }
}

std::string origins_in(const std::string& message, const Origins& origins) {
    std::string lines;
    for (const auto& [option, origin] : origins) {
        if (message.find("--" + option) != std::string::npos) {
            lines.append(lines.empty() ? "--" : "\n--").append(option);
            lines.append(" was set by ").append(origin);
        }
    }
    return lines;
}

std::string as_typed(const std::vector<std::string>& arguments) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,%+@";
    std::string line;
    for (const std::string& argument : arguments) {
        line += line.empty() ? "" : " ";
        if (!argument.empty() && argument.find_first_not_of(plain) == std::string::npos) {
            line += argument;
            continue;
        }
        line += '\'';
        for (const char c : argument) {
            line += c == '\'' ? std::string{"'\\''"} : std::string{c};
        }
        line += '\'';
    }
    return line;
}

}  // namespace command
