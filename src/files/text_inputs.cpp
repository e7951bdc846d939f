#include "files/posix_errors.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace kaygraph {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& why, const std::string& path) {
    throw IoError(ErrorCode::io, why, {.file = path});
}

std::string joined(const std::string& directory, const std::string& name) {
    if (directory.empty() || directory.back() == '/') {
        return directory + name;
    }
    return directory + '/' + name;
}

bool is_pattern(std::string_view text) {
    return text.find_first_of("*?[") != std::string_view::npos;
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

Compression compression_of(std::string_view& name) {
    if (strip_ending(name, ".gz")) {
        return Compression::gzip;
    }
    return strip_ending(name, ".zst") ? Compression::zstd : Compression::none;
}

TextFormat format_of(std::string_view name, const TextInputOptions& options) {
    if (options.format) {
        return *options.format;
    }
    if (options.whole_files) {
        return TextFormat::whole;
    }
    const bool is_json = strip_ending(name, ".jsonl") || strip_ending(name, ".ndjson");
    return is_json ? TextFormat::jsonl : TextFormat::lines;
}

/// Returns the names in a directory, sorted by their bytes.
std::vector<std::string> names_in(const std::string& directory) {
    std::error_code error;
    std::vector<std::string> names;
    fs::directory_iterator entry{directory.empty() ? "." : directory, error};
    for (; !error && entry != fs::directory_iterator{}; entry.increment(error)) {
        names.push_back(entry->path().filename().string());
    }
    if (error) {
        detail::raise_io("list the directory", directory, error.value());
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// Collects the files below a directory.
class Walk {
public:
    Walk(const TextInputOptions& options, FileSystem& files)
        : files_(&files), patterns_(options.include) {
        if (patterns_.empty() && !options.whole_files) {
            patterns_ = {"*.txt", "*.jsonl", "*.txt.gz", "*.jsonl.gz", "*.txt.zst", "*.jsonl.zst"};
        }
    }

    void visit(const std::string& directory) {
        for (const std::string& name : names_in(directory)) {
            const std::string path = joined(directory, name);
            // a link may lead nowhere or to itself
            std::error_code error;
            if (!fs::exists(path, error)) {
                continue;
            }
            const std::optional<FileStatus> status = files_->status(path);
            if (status && status->is_directory) {
                if (seen_.emplace(status->device, status->inode).second) {
                    visit(path);
                }
            } else if (status && status->is_regular && fits(name)) {
                found_.push_back(path);
            }
        }
    }

    void start(const std::string& directory, const FileStatus& status) {
        seen_.emplace(status.device, status.inode);
        visit(directory);
        if (found_.empty()) {
            refuse("expected files of texts in the directory, found none" + searched(), directory);
        }
        std::sort(found_.begin(), found_.end());
    }

    [[nodiscard]] const std::vector<std::string>& found() const noexcept { return found_; }

private:
    [[nodiscard]] bool fits(const std::string& name) const {
        return patterns_.empty()
               || std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
                      return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
                  });
    }
    [[nodiscard]] std::string searched() const {
        std::string text;
        for (const std::string& pattern : patterns_) {
            text += (text.empty() ? " that fits " : ", ") + pattern;
        }
        return text;
    }

    FileSystem* files_;
    std::vector<std::string> patterns_;
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;  // links may lead in circles
    std::vector<std::string> found_;
};

/// Appends what a pattern finds from its part at `from` on, below a directory.
void match(
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
    std::vector<std::string> names;
    if (!is_pattern(part)) {
        names = {part};
    } else {
        std::error_code error;
        if (!fs::is_directory(directory.empty() ? "." : directory, error)) {
            return;
        }
        for (std::string& name : names_in(directory)) {
            if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) {
                names.push_back(std::move(name));
            }
        }
    }
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

std::vector<std::string> matches_of(const std::string& pattern) {
    std::vector<std::string> found;
    match(pattern, 0, pattern.front() == '/' ? "/" : "", found);
    if (found.empty()) {
        refuse("no file fits the pattern", pattern);
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// Copies standard input into a file.
void spool_input(File& file) {
    std::vector<std::byte> buffer(std::size_t{1} << 20U);
    std::uint64_t offset = 0;
    for (;;) {
        const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (n == -1 && errno == EINTR) {
            continue;
        }
        if (n == -1) {
            detail::raise_io("read", "standard input", errno);
        }
        if (n == 0) {
            return;
        }
        file.write_at(offset, {buffer.data(), static_cast<std::size_t>(n)});
        offset += static_cast<std::uint64_t>(n);
    }
}

Compression compression_in(File& file) {
    std::array<std::byte, 4> start{};
    const std::size_t n = file.read_at(0, start);
    std::uint32_t magic = 0;
    std::memcpy(&magic, start.data(), sizeof magic);
    if (n >= 2 && (magic & 0xffffU) == 0x8b1fU) {
        return Compression::gzip;
    }
    const bool is_zstd = magic == 0xfd2fb528U || (magic & 0xfffffff0U) == 0x184d2a50U;
    return n == 4 && is_zstd ? Compression::zstd : Compression::none;
}

class Listing {
public:
    Listing(const TextInputOptions& options, FileSystem& files)
        : options_(&options), files_(&files) {}

    void add(const std::string& input) {
        if (input == "-") {
            add_standard_input();
            return;
        }
        const std::optional<FileStatus> status =
            input.empty() ? std::nullopt : files_->status(input);
        if (status) {
            add_existing(input, *status);
        } else if (is_pattern(input)) {
            for (const std::string& path : matches_of(input)) {
                add_existing(path, status_of(path));
            }
        } else {
            refuse("there is no such file", input);
        }
    }

    std::vector<TextInput> take() { return std::move(inputs_); }

private:
    FileStatus status_of(const std::string& path) {
        const std::optional<FileStatus> status = files_->status(path);
        if (!status) {
            refuse("there is no such file", path);
        }
        return *status;
    }

    void add_existing(const std::string& path, const FileStatus& status) {
        if (status.is_directory) {
            Walk walk{*options_, *files_};
            walk.start(path, status);
            for (const std::string& file : walk.found()) {
                add_file(file, status_of(file));
            }
        } else {
            add_file(path, status);
        }
    }

    void add_file(const std::string& path, const FileStatus& status) {
        const bool is_standard_input =
            path == "/dev/stdin" || path == "/dev/fd/0" || path == "/proc/self/fd/0";
        if (!status.is_regular || is_standard_input) {
            refuse("expected a regular file; to read a pipe, give it as standard input: -", path);
        }
        std::string_view name = path;
        const Compression compression = compression_of(name);
        add_input(path, compression, format_of(name, *options_), status);
    }

    void add_standard_input() {
        if (has_standard_input_) {
            throw ArgumentError("standard input, -, can be read once only");
        }
        if (options_->spool.empty()) {
            throw ArgumentError("to read standard input, -, a file to copy it to must be named");
        }
        has_standard_input_ = true;
        const std::unique_ptr<File> file = files_->open(options_->spool, OpenMode::open_or_create);
        file->resize(0);
        spool_input(*file);
        const Compression compression = compression_in(*file);
        file->sync();
        file->close();
        add_input(
            options_->spool, compression, format_of("", *options_), status_of(options_->spool)
        );
    }

    void add_input(
        const std::string& path,
        Compression compression,
        TextFormat format,
        const FileStatus& status
    ) {
        inputs_.push_back(
            {.path = path,
             .format = format,
             .compression = compression,
             .bytes = status.bytes,
             .modified_ns = status.modified_ns,
             .device = status.device,
             .inode = status.inode}
        );
    }

    const TextInputOptions* options_;
    FileSystem* files_;
    std::vector<TextInput> inputs_;
    bool has_standard_input_ = false;
};

}  // namespace

std::vector<TextInput> list_text_inputs(
    std::span<const std::string> inputs,
    const TextInputOptions& options,
    FileSystem& files
) {
    if (inputs.empty()) {
        throw ArgumentError("expected at least one input");
    }
    if (options.whole_files && options.format.value_or(TextFormat::whole) != TextFormat::whole) {
        throw ArgumentError("files that are whole texts have no lines: whole_files excludes format"
        );
    }
    Listing listing{options, files};
    for (const std::string& input : inputs) {
        listing.add(input);
    }
    return listing.take();
}

}  // namespace kaygraph
