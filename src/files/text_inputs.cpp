#include "files/posix_errors.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <fnmatch.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

namespace kaygraph {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// Fills in what the name of a file tells.
void judge_name(TextInput& input, const TextInputOptions& options) {
    std::string_view name = input.path;
    if (ends_with(name, ".gz")) {
        input.compression = Compression::gzip;
        name.remove_suffix(3);
    } else if (ends_with(name, ".zst")) {
        input.compression = Compression::zstd;
        name.remove_suffix(4);
    }
    if (options.whole_files) {
        input.format = TextFormat::whole;
    } else if (options.format) {
        input.format = *options.format;
    } else if (ends_with(name, ".jsonl") || ends_with(name, ".ndjson")) {
        input.format = TextFormat::jsonl;
    }
}

TextInput make_input(
    const std::string& path,
    const FileStatus& status,
    const TextInputOptions& options
) {
    if (!status.is_regular) {
        throw IoError(
            ErrorCode::io,
            "expected a regular file; of a pipe or a device, give - and let the shell open it",
            {.file = path}
        );
    }
    TextInput input{
        .path = path,
        .bytes = status.bytes,
        .modified_ns = status.modified_ns,
        .device = status.device,
        .inode = status.inode};
    judge_name(input, options);
    return input;
}

bool is_included(const std::string& name, const TextInputOptions& options) {
    static const std::array<const char*, 9> texts{
        "*.txt",
        "*.txt.gz",
        "*.txt.zst",
        "*.jsonl",
        "*.jsonl.gz",
        "*.jsonl.zst",
        "*.ndjson",
        "*.ndjson.gz",
        "*.ndjson.zst"};
    const auto matches = [&](const auto& pattern) {
        return ::fnmatch(std::string{pattern}.c_str(), name.c_str(), 0) == 0;
    };
    if (!options.include.empty()) {
        return std::any_of(options.include.begin(), options.include.end(), matches);
    }
    return options.whole_files || std::any_of(texts.begin(), texts.end(), matches);
}

/// Adds the files below a directory.
void add_directory(
    const std::string& path,
    const TextInputOptions& options,
    FileSystem& files,
    std::vector<TextInput>& inputs
) {
    std::vector<std::string> paths;
    std::error_code error;
    std::filesystem::recursive_directory_iterator entry{path, error};
    for (; !error && entry != std::filesystem::recursive_directory_iterator{};
         entry.increment(error)) {
        if (is_included(entry->path().filename().string(), options)) {
            paths.push_back(entry->path().string());
        }
    }
    if (error) {
        detail::raise_io("list", path, error.value());
    }
    std::sort(paths.begin(), paths.end());
    const std::size_t n_before = inputs.size();
    for (const std::string& found : paths) {
        const auto status = files.status(found);
        if (status && status->is_regular) {
            inputs.push_back(make_input(found, *status, options));
        }
    }
    if (inputs.size() == n_before) {
        throw IoError(
            ErrorCode::io, "no file of the directory has a name that is included", {.file = path}
        );
    }
}

/// Adds what a pattern matches; a directory among it is listed.
void add_pattern(
    const std::string& pattern,
    const TextInputOptions& options,
    FileSystem& files,
    std::vector<TextInput>& inputs
) {
    glob_t matches{};
    const std::unique_ptr<glob_t, void (*)(glob_t*)> freed{&matches, ::globfree};
    const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &matches);
    if (result != 0 || matches.gl_pathc == 0) {
        throw IoError(
            ErrorCode::io, "no such file, and no file matches the pattern", {.file = pattern}
        );
    }
    std::vector<std::string> paths(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
        const auto status = files.status(path);
        if (status && status->is_directory) {
            add_directory(path, options, files, inputs);
        } else if (status) {
            inputs.push_back(make_input(path, *status, options));
        }
    }
}

/// Returns what the first bytes say that a stream is.
Compression compression_of(std::span<const std::byte> start) {
    const auto starts_with = [&](std::initializer_list<unsigned> magic) {
        return start.size() >= magic.size()
               && std::equal(
                   magic.begin(),
                   magic.end(),
                   start.begin(),
                   [](unsigned a, std::byte b) { return a == std::to_integer<unsigned>(b); }
               );
    };
    if (starts_with({0x1f, 0x8b})) {
        return Compression::gzip;
    }
    return starts_with({0x28, 0xb5, 0x2f, 0xfd}) ? Compression::zstd : Compression::none;
}

/// Copies standard input into a file, which can be read twice.
TextInput spool_standard_input(const TextInputOptions& options, FileSystem& files) {
    if (options.spool.empty()) {
        throw ArgumentError("standard input needs a file to be kept in");
    }
    const std::unique_ptr<File> spool = files.open(options.spool, OpenMode::create);
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
            break;
        }
        spool->write_at(offset, std::span{buffer}.first(static_cast<std::size_t>(n)));
        offset += static_cast<std::uint64_t>(n);
    }
    TextInput input = make_input(options.spool, spool->status(), options);
    std::array<std::byte, 4> start{};
    input.compression = compression_of(std::span{start}.first(spool->read_at(0, start)));
    spool->close();
    return input;
}

}  // namespace

std::vector<TextInput> list_text_inputs(
    std::span<const std::string> inputs,
    const TextInputOptions& options,
    FileSystem& files
) {
    if (std::count(inputs.begin(), inputs.end(), "-") > 1) {
        throw ArgumentError("standard input can be read once: give - once");
    }
    std::vector<TextInput> listed;
    for (const std::string& input : inputs) {
        if (input == "-") {
            listed.push_back(spool_standard_input(options, files));
            continue;
        }
        const auto status = files.status(input);
        if (!status && input.find_first_of("*?[") != std::string::npos) {
            add_pattern(input, options, files, listed);
        } else if (!status) {
            throw IoError(ErrorCode::io, "no such file", {.file = input});
        } else if (status->is_directory) {
            add_directory(input, options, files, listed);
        } else {
            listed.push_back(make_input(input, *status, options));
        }
    }
    return listed;
}

}  // namespace kaygraph
