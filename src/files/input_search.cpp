#include "files/input_search.hpp"

#include "files/posix_errors.hpp"

#include <kaygraph/base/error.hpp>

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <functional>
#include <optional>
#include <system_error>

namespace kaygraph::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view run_ending = ".run";
/// Of what a run writes beside its output.
constexpr std::array<std::string_view, 3> product_endings{".ids.jsonl", ".rows.npy", ".unfiltered"};

[[noreturn]] void refuse(const std::string& why, const std::string& path) {
    throw IoError(ErrorCode::io, why, {.file = path});
}

std::string joined(const std::string& directory, const std::string& name) {
    if (directory.empty() || directory.back() == '/') {
        return directory + name;
    }
    return directory + '/' + name;
}

/// Takes an ending off a name, whatever its case.
bool strip_ending(std::string_view& name, std::string_view ending) {
    if (name.size() < ending.size()) {
        return false;
    }
    const std::string_view tail = name.substr(name.size() - ending.size());
    const bool fits = std::equal(tail.begin(), tail.end(), ending.begin(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == b;
    });
    if (fits) {
        name.remove_suffix(ending.size());
    }
    return fits;
}

}  // namespace

InputName judge_name(std::string_view name) {
    struct Ending {
        std::string_view ending;
        NameSays says;
    };
    constexpr std::array endings{
        Ending{".txt", NameSays::lines},
        Ending{".jsonl", NameSays::json_lines},
        Ending{".ndjson", NameSays::json_lines},
        Ending{".jsonlines", NameSays::json_lines},
        Ending{".json", NameSays::json},
        Ending{".csv", NameSays::table},
        Ending{".tsv", NameSays::table}};
    InputName judged;
    judged.compression = strip_ending(name, ".gz")    ? Compression::gzip
                         : strip_ending(name, ".zst") ? Compression::zstd
                                                      : Compression::none;
    for (const Ending& each : endings) {
        if (strip_ending(name, each.ending)) {
            judged.says = each.says;
            break;
        }
    }
    return judged;
}

bool is_pattern(std::string_view text) {
    return text.find_first_of("*?[") != std::string_view::npos;
}

class InputSearch::Names {
public:
    Names(const InputSearch& search, const std::string& directory) {
        std::error_code error;
        fs::directory_iterator entry{directory.empty() ? "." : directory, error};
        for (; !error && entry != fs::directory_iterator{}; entry.increment(error)) {
            names_.push_back(entry->path().filename().string());
        }
        if (error) {
            raise_io("list the directory", directory, error.value());
        }
        std::sort(names_.begin(), names_.end());
        for (const std::string& name : names_) {
            if (name.size() > run_ending.size() && name.ends_with(run_ending)
                && search.is_directory(joined(directory, name))) {
                outputs_.insert(name.substr(0, name.size() - run_ending.size()));
            }
        }
    }

    [[nodiscard]] const std::vector<std::string>& all() const noexcept { return names_; }

    [[nodiscard]] bool is_run_directory(std::string_view name) const {
        return name.ends_with(run_ending)
               && has_run(name.substr(0, name.size() - run_ending.size()));
    }
    /// Whether a file has the name of what a run of an output beside it writes: the output, its ids and row numbers, and
    /// parts of them.
    [[nodiscard]] bool is_like_product(std::string_view name) const {
        const std::size_t part = name.rfind(".part");
        const bool is_part =
            part != std::string_view::npos
            && name.find_first_not_of(".0123456789", part + 5) == std::string_view::npos;
        name = name.substr(0, is_part ? part : name.size());
        return has_run(name)
               || std::any_of(
                   product_endings.begin(),
                   product_endings.end(),
                   [&](std::string_view ending) {
                       return name.ends_with(ending)
                              && has_run(name.substr(0, name.size() - ending.size()));
                   }
               );
    }

private:
    [[nodiscard]] bool has_run(std::string_view output) const {
        return outputs_.find(output) != outputs_.end();
    }

    std::vector<std::string> names_;
    std::set<std::string, std::less<>> outputs_;  // that have a run directory beside them
};

bool InputSearch::is_directory(const std::string& path) const {
    const std::optional<FileStatus> status = files_->status(path);
    return status && status->is_directory;
}

bool InputSearch::fits(const std::string& name) const {
    if (!options_->include.empty()) {
        return std::any_of(
            options_->include.begin(),
            options_->include.end(),
            [&](const std::string& pattern) {
                return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
            }
        );
    }
    const NameSays says = judge_name(name).says;
    return options_->whole_files || (says != NameSays::nothing && says != NameSays::table);
}

bool InputSearch::is_product(
    const Names& names,
    const std::string& name,
    const std::string& directory
) const {
    return names.is_like_product(name)
           && (!options_->is_product || options_->is_product(joined(directory, name)));
}

std::string InputSearch::searched() const {
    if (options_->include.empty()) {
        return options_->whole_files
                   ? ""
                   : " that fits *.txt, *.jsonl, *.ndjson, *.jsonlines or *.json, "
                     "each also with .gz or .zst";
    }
    std::string text;
    for (const std::string& pattern : options_->include) {
        text += (text.empty() ? " that fits " : ", ") + pattern;
    }
    return text;
}

void InputSearch::visit(const std::string& directory) {
    const Names names{*this, directory};
    for (const std::string& name : names.all()) {
        const bool is_asked_for = std::any_of(
            options_->include.begin(),
            options_->include.end(),
            [&](const std::string& pattern) {
                return pattern.starts_with('.')
                       && ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
            }
        );
        if (name.starts_with('.') && !is_asked_for) {
            ++left_out_->hidden;
            continue;
        }
        if (names.is_run_directory(name)) {
            ++left_out_->run_directories;
            continue;
        }
        const std::string path = joined(directory, name);
        // a link may lead nowhere or to itself
        std::error_code error;
        const std::optional<FileStatus> status =
            fs::exists(path, error) ? files_->status(path) : std::nullopt;
        if (status && status->is_directory) {
            if (seen_.emplace(status->device, status->inode).second) {
                visit(path);
            }
        } else if (!status || !status->is_regular) {
            ++left_out_->no_files;
        } else if (is_product(names, name, directory)) {
            ++left_out_->products;
        } else if (!fits(name)) {
            ++left_out_->other_names;
        } else {
            found_.push_back(path);
        }
    }
}

std::vector<std::string> InputSearch::files_below(
    const std::string& directory,
    const FileStatus& status
) {
    seen_.emplace(status.device, status.inode);
    visit(directory);
    if (found_.empty()) {
        const std::string left_out = left_out_->describe();
        refuse(
            "expected files of texts in the directory, found none" + searched()
                + (left_out.empty() ? "" : "; left out: " + left_out),
            directory
        );
    }
    std::sort(found_.begin(), found_.end());
    return std::move(found_);
}

std::vector<std::string> InputSearch::matching(
    const std::string& part,
    bool is_last,
    const std::string& directory
) {
    std::vector<std::string> names;
    std::error_code error;
    if (!fs::is_directory(directory.empty() ? "." : directory, error)) {
        return names;
    }
    const Names all{*this, directory};
    for (const std::string& name : all.all()) {
        if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) != 0) {
            continue;
        }
        if (all.is_run_directory(name) && !part.ends_with(run_ending)) {
            ++left_out_->run_directories;
        } else if (is_last && is_product(all, name, directory)) {
            ++left_out_->products;
        } else {
            names.push_back(name);
        }
    }
    return names;
}

/// Appends what a pattern finds from its part at `from` on, below a directory.
void InputSearch::match(
    const std::string& pattern,
    std::size_t from,
    const std::string& directory,
    std::vector<std::string>& found
) {
    from = pattern.find_first_not_of('/', from);
    if (from == std::string::npos) {  // it ended with a slash
        found.push_back(directory);
        return;
    }
    const std::size_t slash = pattern.find('/', from);
    const bool is_last = slash == std::string::npos;
    const std::string part = pattern.substr(from, is_last ? slash : slash - from);
    const std::vector<std::string> names =
        is_pattern(part) ? matching(part, is_last, directory) : std::vector{part};
    for (const std::string& name : names) {
        const std::string path = joined(directory, name);
        std::error_code error;
        if (!is_last) {
            match(pattern, slash, path, found);
        } else if (fs::exists(path, error)) {
            found.push_back(path);
        }
    }
}

std::vector<std::string> InputSearch::matches_of(const std::string& pattern) {
    std::vector<std::string> found;
    match(pattern, 0, pattern.front() == '/' ? "/" : "", found);
    if (found.empty()) {
        const std::string left_out = left_out_->describe();
        refuse(
            "no file fits the pattern" + (left_out.empty() ? "" : "; left out: " + left_out),
            pattern
        );
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace kaygraph::detail
