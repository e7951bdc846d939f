#include "effective_options.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace command {
namespace {

bool says(const std::vector<std::string>& arguments, const std::string& option) {
    const std::string flag = "--" + option;
    return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
        return argument == flag || argument.rfind(flag + "=", 0) == 0;
    });
}

bool is_on(const std::string& option, const std::string& value) {
    constexpr std::array<std::string_view, 4> on{"1", "true", "yes", "on"};
    constexpr std::array<std::string_view, 5> off{"0", "false", "no", "off", ""};
    if (std::find(on.begin(), on.end(), value) != on.end()) {
        return true;
    }
    if (std::find(off.begin(), off.end(), value) == off.end()) {
        throw kaygraph::ArgumentError(
            "the switch --" + option + " is set to '" + value + "': expected true or false"
        );
    }
    return false;
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
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
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
                "'" + arguments[0] + "' has no option --" + name + "; kaygraph " + arguments[0]
                + " --help tells all; a file of that name comes after --"
            );
        }
    }
}

std::string variable_of(const std::string& option) {
    std::string name = "KAYGRAPH_";
    for (const char c : option) {
        name += c == '-' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

void add_settings(
    std::vector<std::string>& arguments,
    const std::vector<KnownOption>& options,
    const std::map<std::string, std::vector<std::string>>& of_file,
    const std::function<std::optional<std::string>(const std::string& variable)>& environment
) {
    const std::vector<std::string> typed = arguments;
    for (const KnownOption& option : options) {
        if (says(typed, option.name)) {
            continue;
        }
        std::vector<std::string> values;
        if (const auto value = environment(variable_of(option.name))) {
            values = {*value};
        } else if (const auto found = of_file.find(option.name); found != of_file.end()) {
            values = found->second;
        }
        for (const std::string& value : values) {
            if (option.takes_value) {
                arguments.push_back("--" + option.name + "=" + value);
            } else if (is_on(option.name, value)) {
                arguments.push_back("--" + option.name);
            }
        }
    }
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
