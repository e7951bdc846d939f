#include "config_file.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>

namespace command {
namespace kg = kaygraph;
namespace {

constexpr std::uint64_t most_bytes = 1'000'000;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view white = " \t\r";
    const std::size_t first = text.find_first_not_of(white);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

/// The lines of a file of options.
class Parser {
public:
    Parser(std::string_view text, const std::string& path) : left_(text), path_(path) {}

    ConfigFile parse() {
        while (!left_.empty()) {
            const std::string_view line = trimmed(next_line());
            if (line.empty() || line.front() == '#' || line.front() == ';') {
                continue;
            }
            if (line.front() == '[') {
                begin_section(line);
            } else {
                add_setting(line);
            }
        }
        return std::move(file_);
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw kg::ArgumentError("line " + std::to_string(number_) + ": " + what, {.file = path_});
    }

    std::string_view next_line() {
        ++number_;
        const std::size_t end = left_.find('\n');
        const std::string_view line = left_.substr(0, end);
        left_.remove_prefix(end == std::string_view::npos ? left_.size() : end + 1);
        return line;
    }

    void begin_section(std::string_view line) {
        const std::size_t end = line.find(']');
        if (end == std::string_view::npos) {
            fail("expected [verb], found '" + std::string{line} + "'");
        }
        require_end(line.substr(end + 1));
        section_ = trimmed(line.substr(1, end - 1));
        if (section_.empty()) {
            fail("expected the name of a verb in the brackets");
        }
        file_[section_];
    }

    void add_setting(std::string_view line) {
        const std::size_t equals = line.find('=');
        const std::string name{trimmed(line.substr(0, equals))};
        if (equals == std::string_view::npos || name.empty()) {
            fail("expected name = value, found '" + std::string{line} + "'");
        }
        Setting setting{.values = {}, .line = number_};
        const std::string_view value = trimmed(line.substr(equals + 1));
        if (!value.empty() && value.front() == '[') {
            setting.values = values_in_brackets(value.substr(1));
        } else {
            setting.values = {one_value(value)};
        }
        auto& section = file_[section_];
        const auto [place, is_new] = section.emplace(name, std::move(setting));
        if (!is_new) {
            fail(
                "'" + name + "' was set in line " + std::to_string(place->second.line) + " already"
            );
        }
    }

    /// A value that ends with its line, or its comment.
    std::string one_value(std::string_view text) {
        if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
            std::string value = take_quoted(text);
            require_end(text);
            return value;
        }
        std::string value{trimmed(text.substr(0, comment_in(text)))};
        if (value.empty()) {
            fail("expected a value, found none; \"\" is an empty one");
        }
        return value;
    }

    /// The brackets may end in a later line.
    std::vector<std::string> values_in_brackets(std::string_view text) {
        std::vector<std::string> values;
        for (;;) {
            text = trimmed(text);
            if (text.empty() || text.front() == '#') {
                if (left_.empty()) {
                    fail("expected ] after the values");
                }
                text = next_line();
            } else if (text.front() == ']') {
                require_end(text.substr(1));
                return values;
            } else if (text.front() == ',') {
                text.remove_prefix(1);
            } else if (text.front() == '"' || text.front() == '\'') {
                values.push_back(take_quoted(text));
            } else {
                const std::size_t end = std::min(text.find_first_of(",]#"), text.size());
                values.emplace_back(trimmed(text.substr(0, end)));
                text.remove_prefix(end);
            }
        }
    }

    /// Takes what is in quotes; in double ones \" and \\ stand for " and \.
    std::string take_quoted(std::string_view& text) const {
        const char quote = text.front();
        std::string value;
        for (std::size_t i = 1; i < text.size(); ++i) {
            const bool is_escape = quote == '"' && text[i] == '\\' && i + 1 < text.size()
                                   && (text[i + 1] == '"' || text[i + 1] == '\\');
            if (is_escape) {
                value += text[++i];
            } else if (text[i] == quote) {
                text.remove_prefix(i + 1);
                return value;
            } else {
                value += text[i];
            }
        }
        fail(std::string{"expected "} + quote + " at the end of the value");
    }

    /// A # in a value is none of a comment unless white space stands before it.
    static std::size_t comment_in(std::string_view text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t')) {
                return i;
            }
        }
        return text.size();
    }

    void require_end(std::string_view text) const {
        text = trimmed(text);
        if (!text.empty() && text.front() != '#') {
            fail("expected the end of the line, found '" + std::string{text} + "'");
        }
    }

    std::string_view left_;
    std::string path_;
    std::string section_;
    std::size_t number_ = 0;
    ConfigFile file_;
};

}  // namespace

ConfigFile parse_config_file(const std::string& text, const std::string& path) {
    constexpr std::string_view mark = "\xef\xbb\xbf";
    const bool has_mark = text.rfind(mark, 0) == 0;
    return Parser{std::string_view{text}.substr(has_mark ? mark.size() : 0), path}.parse();
}

ConfigFile read_config_file(const std::string& path) {
    const auto status = kg::posix_files().status(path);
    if (status && !status->is_regular) {
        throw kg::ArgumentError(
            "expected a file of options, found a directory, a device or a pipe", {.file = path}
        );
    }
    const std::unique_ptr<kg::File> file = kg::posix_files().open(path, kg::OpenMode::read);
    const std::uint64_t bytes = file->status().bytes;
    if (bytes > most_bytes) {
        throw kg::ArgumentError(
            "expected a file of options of at most 1 MB, found " + std::to_string(bytes) + " bytes",
            {.file = path}
        );
    }
    std::string text(bytes, '\0');
    text.resize(file->read_at(0, std::as_writable_bytes(std::span{text.data(), text.size()})));
    return parse_config_file(text, path);
}

}  // namespace command
