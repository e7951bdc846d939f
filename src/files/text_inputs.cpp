#include "files/input_search.hpp"
#include "files/json_lines.hpp"
#include "files/known_content.hpp"
#include "files/posix_errors.hpp"
#include "files/text_reader.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace kaygraph {
namespace {

[[noreturn]] void refuse(const std::string& why, const std::string& path) {
    throw IoError(ErrorCode::io, why, {.file = path});
}

/// Waits a while for standard input. Returns whether there is something to read, or its end.
bool has_input() {
    constexpr int wait_ms = 100;
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    const int n = ::poll(&input, 1, wait_ms);
    return n != 0 && (n != -1 || errno != EINTR);  // an error is told by the read
}

/// Copies standard input into a file.
void spool_input(File& file, const std::function<void()>& between) {
    std::vector<std::byte> buffer(std::size_t{1} << 20U);
    std::uint64_t offset = 0;
    for (;;) {
        if (between) {
            between();
            if (!has_input()) {
                continue;
            }
        }
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
    Listing(const TextInputOptions& options, FileSystem& files, LeftOut& left_out)
        : options_(&options), files_(&files), left_out_(&left_out) {}

    void add(const std::string& input) {
        if (input == "-") {
            add_standard_input();
            return;
        }
        const std::optional<FileStatus> status =
            input.empty() ? std::nullopt : files_->status(input);
        if (status) {
            add_existing(input, *status);
        } else if (detail::is_pattern(input)) {
            detail::InputSearch search{*options_, *files_, *left_out_};
            for (const std::string& path : search.matches_of(input)) {
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
        if (!status.is_directory) {
            add_file(path, status, Asked::by_name);
            return;
        }
        const std::size_t n_before = inputs_.size();
        detail::InputSearch search{*options_, *files_, *left_out_};
        for (const std::string& file : search.files_below(path, status)) {
            add_file(file, status_of(file), Asked::in_directory);
        }
        if (inputs_.size() == n_before) {
            refuse(
                "expected files of texts in the directory, found .json without JSON lines", path
            );
        }
    }

    enum class Asked : std::uint8_t { by_name, in_directory };

    void add_file(const std::string& path, const FileStatus& status, Asked asked) {
        const bool is_standard_input =
            path == "/dev/stdin" || path == "/dev/fd/0" || path == "/proc/self/fd/0";
        if (!status.is_regular || is_standard_input) {
            refuse("expected a regular file; to read a pipe, give it as standard input: -", path);
        }
        const detail::InputName name = detail::judge_name(path);
        TextInput input = input_of(path, name.compression, status);
        const bool may_leave_out = asked == Asked::in_directory && options_->include.empty();
        if (!judge_format(input, name.says, path, may_leave_out)) {
            ++left_out_->other_json;
            return;
        }
        inputs_.push_back(std::move(input));
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
        spool_input(*file, options_->while_reading);
        const Compression compression = compression_in(*file);
        file->sync();
        file->close();
        TextInput input = input_of(options_->spool, compression, status_of(options_->spool));
        judge_format(input, detail::NameSays::nothing, "standard input", false);
        inputs_.push_back(std::move(input));
    }

    static TextInput input_of(
        const std::string& path,
        Compression compression,
        const FileStatus& status
    ) {
        return {
            .path = path,
            .compression = compression,
            .bytes = status.bytes,
            .modified_ns = status.modified_ns,
            .device = status.device,
            .inode = status.inode};
    }

    /// Finds what a file holds. Returns false where it may be left out, and is a .json without JSON lines, whose lines are
    /// hardly meant to be texts.
    bool judge_format(
        TextInput& input,
        detail::NameSays says,
        const std::string& shown,
        bool may_leave_out
    ) {
        using detail::FirstLine;
        using detail::NameSays;
        if (options_->format || options_->whole_files || says == NameSays::json_lines) {
            input.format = options_->format        ? *options_->format
                           : options_->whole_files ? TextFormat::whole
                                                   : TextFormat::jsonl;
            return true;
        }
        if (says == NameSays::lines && std::exchange(has_looked_at_lines_, true)) {
            return true;  // their names say it: one look is enough for a warning
        }
        const std::optional<FirstLine> first = first_line_of(input);
        if (!first) {
            return true;
        }
        if (says == NameSays::lines) {
            if (first == FirstLine::json_object) {
                warn(shown + ": its first line is a JSON object");
            }
            return true;
        }
        if (first == FirstLine::json_object) {
            input.format = TextFormat::jsonl;
            return true;
        }
        if (says == NameSays::table) {
            warn_of_table(shown);
            return true;
        }
        const bool is_json = says == NameSays::json;
        if (is_json && may_leave_out) {
            return false;
        }
        if (is_json || first == FirstLine::other_json) {
            warn(shown + ": its first line is no JSON object");
        }
        return true;
    }

    void warn(const std::string& why) {
        if (!std::exchange(has_warned_, true)) {
            options_->log.warn(
                "",
                why + "; its lines are texts as they are, --input-format jsonl takes them as JSON"
            );
        }
    }

    /// Nothing here reads tables: their heads and quotes would be part of the texts.
    void warn_of_table(const std::string& shown) {
        if (!std::exchange(has_warned_of_table_, true)) {
            options_->log.warn(
                "",
                shown
                    + ": its lines are texts as they are, with the head, all columns and quotes; to "
                      "embed one column, write it as JSON lines, {\"text\": \"...\"} for each row, or "
                      "say --input-format lines if this is meant"
            );
        }
    }

    /// Returns nothing for a file that is damaged, or no texts: counting them tells.
    std::optional<detail::FirstLine> first_line_of(const TextInput& input) {
        std::vector<char> start(std::size_t{64} << 10U);
        std::size_t n = 0;
        std::shared_ptr<File> file = files_->open(input.path, OpenMode::read);
        try {
            const std::unique_ptr<detail::TextBytes> bytes = detail::text_bytes(file, input);
            for (std::size_t more = 1; more != 0 && n < start.size(); n += more) {
                more = bytes->read(std::span{start}.subspan(n));
            }
            detail::require_texts({start.data(), n}, true, input.path);
        } catch (const FormatError&) {
            return {};
        }
        return detail::judge_first_line({start.data(), n}, n < start.size());
    }

    const TextInputOptions* options_;
    FileSystem* files_;
    LeftOut* left_out_;
    std::vector<TextInput> inputs_;
    bool has_standard_input_ = false;
    bool has_looked_at_lines_ = false;
    bool has_warned_ = false;
    bool has_warned_of_table_ = false;
};

}  // namespace

std::string LeftOut::describe() const {
    std::string text;
    const auto add = [&](std::uint64_t n, const char* one, const char* many) {
        if (n != 0) {
            text += (text.empty() ? "" : ", ") + std::to_string(n) + " " + (n == 1 ? one : many);
        }
    };
    add(hidden, "hidden", "hidden");
    add(run_directories, "run directory", "run directories");
    add(products, "product of a run", "products of runs");
    add(other_names, "file of another name", "files of other names");
    add(other_json, ".json without JSON lines", ".json without JSON lines");
    add(no_files, "that is no file", "that are no files");
    return text;
}

std::vector<TextInput> list_text_inputs(
    std::span<const std::string> inputs,
    const TextInputOptions& options,
    FileSystem& files,
    LeftOut* left_out
) {
    if (inputs.empty()) {
        throw ArgumentError("expected at least one input");
    }
    if (options.whole_files && options.format.value_or(TextFormat::whole) != TextFormat::whole) {
        throw ArgumentError("files that are whole texts have no lines: whole_files excludes format"
        );
    }
    LeftOut counted;
    Listing listing{options, files, counted};
    for (const std::string& input : inputs) {
        listing.add(input);
    }
    if (left_out != nullptr) {
        *left_out = counted;
    }
    return listing.take();
}

}  // namespace kaygraph
