#include "files/bounded_json.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/json_text.hpp>
#include <kaygraph/files/replace_file.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <span>

namespace kaygraph::runs {
namespace {

constexpr std::uint64_t format_version = 1;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30U;  // of run.json
constexpr int most_ranks_known = 1'000'000;

constexpr std::array<std::string_view, 5> status_names{
    "running",
    "stopped",
    "failed",
    "publishing",
    "complete"};

std::string read_all(FileSystem& files, const std::string& path) {
    const std::unique_ptr<File> file = files.open(path, OpenMode::read);
    const std::uint64_t size = file->status().bytes;
    if (size > most_bytes) {
        throw FormatError(ErrorCode::malformed, "a file of over 1 GiB", {.file = path});
    }
    std::string text(size, '\0');
    text.resize(file->read_at(0, std::as_writable_bytes(std::span{text.data(), text.size()})));
    return text;
}

std::string json_object(const std::map<std::string, std::string>& values) {
    std::string text = "{";
    for (const auto& [name, value] : values) {
        text += (text.size() == 1 ? "\n    " : ",\n    ") + json_quoted(name) + ": "
                + json_quoted(value);
    }
    return text + "\n  }";
}

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw FormatError(ErrorCode::malformed, "run.json: " + what, {.file = path});
}

std::map<std::string, std::string> strings_of(
    const nlohmann::json& root,
    const char* name,
    const std::string& path
) {
    const auto found = root.find(name);
    if (found == root.end() || !found->is_object()) {
        fail(path, std::string{"expected an object '"} + name + "'");
    }
    std::map<std::string, std::string> values;
    for (const auto& [key, value] : found->items()) {
        if (!value.is_string()) {
            fail(path, "expected a string for '" + key + "'");
        }
        values[key] = value.get<std::string>();
    }
    return values;
}

std::uint64_t number_of(
    const nlohmann::json& root,
    const char* name,
    std::uint64_t most,
    const std::string& path
) {
    const auto found = root.find(name);
    if (found == root.end() || !found->is_number_unsigned() || found->get<std::uint64_t>() > most) {
        fail(
            path, std::string{"expected a number '"} + name + "' of at most " + std::to_string(most)
        );
    }
    return found->get<std::uint64_t>();
}

RunStatus status_of(const nlohmann::json& root, const std::string& path) {
    const auto found = root.find("status");
    if (found != root.end() && found->is_string()) {
        const auto name =
            std::find(status_names.begin(), status_names.end(), found->get<std::string>());
        if (name != status_names.end()) {
            return static_cast<RunStatus>(name - status_names.begin());
        }
    }
    fail(path, "expected a 'status'");
}

/// This machine, this process and, in a batch system, this job.
std::string holder() {
    std::array<char, 256> host{};
    static_cast<void>(::gethostname(host.data(), host.size() - 1));
    std::string text = "process " + std::to_string(::getpid()) + " on " + host.data();
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes it here
    if (const char* job = std::getenv("SLURM_JOB_ID")) {
        text += std::string{", job "} + job;
    }
    return text;
}

}  // namespace

std::string_view to_string(RunStatus status) noexcept {
    return status_names[static_cast<std::size_t>(status)];
}

std::vector<std::string> differences(const RunRecord& before, const RunRecord& now) {
    std::vector<std::string> lines;
    const auto add = [&](std::initializer_list<std::string_view> parts) {
        std::string& line = lines.emplace_back();
        for (const std::string_view part : parts) {
            line += part;
        }
    };
    for (const auto& [name, value] : now.identity) {
        const auto was = before.identity.find(name);
        if (was == before.identity.end()) {
            add({name, ": ", value, ", was not there"});
        } else if (was->second != value) {
            add({name, ": ", value, ", was ", was->second});
        }
    }
    for (const auto& [name, value] : before.identity) {
        if (!now.identity.contains(name)) {
            add({name, ": no longer there, was ", value});
        }
    }
    return lines;
}

void RunDirectory::lock() {
    files_->make_directory(path_);
    const std::string path = path_ + "/lock";
    std::unique_ptr<File> file = files_->open(path, OpenMode::open_or_create);
    if (!file->try_lock()) {
        std::string who(200, '\0');
        who.resize(file->read_at(0, std::as_writable_bytes(std::span{who.data(), who.size()})));
        throw ArgumentError(
            "another run works on this output: " + who.substr(0, who.find('\n')), {.file = path_}
        );
    }
    file->resize(0);
    const std::string who = holder() + "\n";
    file->write_at(0, std::as_bytes(std::span{who.data(), who.size()}));
    lock_ = std::move(file);
}

std::optional<RunRecord> RunDirectory::read() const {
    const std::string path = path_ + "/run.json";
    if (!files_->status(path)) {
        return {};
    }
    const nlohmann::json root = kaygraph::detail::parse_bounded_json(read_all(*files_, path), path);
    if (!root.is_object()) {
        fail(path, "expected an object");
    }
    const std::uint64_t format =
        number_of(root, "format", std::numeric_limits<std::uint64_t>::max(), path);
    if (format != format_version) {
        fail(path, "of format " + std::to_string(format) + ", this version knows 1");
    }
    RunRecord record;
    record.identity = strings_of(root, "identity", path);
    record.facts = strings_of(root, "facts", path);
    record.status = status_of(root, path);
    record.attempts = static_cast<std::uint32_t>(number_of(root, "attempts", 1U << 30U, path));
    record.most_ranks = static_cast<int>(number_of(root, "most_ranks", most_ranks_known, path));
    record.n_items = number_of(root, "items", std::numeric_limits<std::uint64_t>::max(), path);
    record.n_rejected = number_of(root, "rejected", record.n_items, path);
    return record;
}

void RunDirectory::write(const RunRecord& record) {
    const std::string path = path_ + "/run.json";
    const std::string text =
        "{\n  \"format\": 1,\n  \"status\": " + json_quoted(to_string(record.status))
        + ",\n  \"attempts\": " + std::to_string(record.attempts) + ",\n  \"most_ranks\": "
        + std::to_string(record.most_ranks) + ",\n  \"items\": " + std::to_string(record.n_items)
        + ",\n  \"rejected\": " + std::to_string(record.n_rejected) + ",\n  \"identity\": "
        + json_object(record.identity) + ",\n  \"facts\": " + json_object(record.facts) + "\n}\n";
    replace_file(*files_, path, text);
}

RunHistory RunDirectory::history(const RunRecord& record) const {
    RunHistory history = read_history(
        *files_,
        path_,
        {.n_items = record.n_items, .attempts = record.attempts, .most_ranks = record.most_ranks}
    );
    const bool is_counted =
        record.status == RunStatus::complete || record.status == RunStatus::publishing;
    if (is_counted && history.rejected.size() != record.n_rejected) {
        throw FormatError(
            ErrorCode::malformed,
            "run.json tells of " + std::to_string(record.n_rejected)
                + " rejected items, the journals of " + std::to_string(history.rejected.size()),
            {.file = path_}
        );
    }
    return history;
}

void RunDirectory::clear(int most_ranks) {
    files_->remove(path_ + "/run.json");  // first: without it there is no run
    for (int rank = 0; rank < most_ranks; ++rank) {
        files_->remove(journal(rank));
        files_->remove(crashes(rank));
    }
    for (const char* name : {"/rejects.jsonl", "/run.json", "/metrics.json", "/joblog.tsv"}) {
        files_->remove(path_ + name);
        files_->remove(path_ + name + ".part");
    }
}

std::string file_identity(FileSystem& files, const std::string& path) {
    constexpr std::uint64_t piece_bytes = 4096;
    constexpr std::uint64_t most_pieces = 64;
    const std::unique_ptr<File> file = files.open(path, OpenMode::read);
    const FileStatus status = file->status();
    const std::uint64_t n = std::min(most_pieces, (status.bytes + piece_bytes - 1) / piece_bytes);
    std::vector<std::byte> bytes;
    for (std::uint64_t i = 0; i < n; ++i) {
        const std::uint64_t left = status.bytes - std::min(status.bytes, piece_bytes);
        // the first piece is the start of the file, the last one its end
        const std::uint64_t offset = n == 1 ? 0 : left / (n - 1) * i + left % (n - 1) * i / (n - 1);
        const std::size_t before = bytes.size();
        bytes.resize(before + piece_bytes);
        bytes.resize(before + file->read_at(offset, std::span{bytes}.subspan(before)));
    }
    return std::to_string(status.bytes) + " bytes, changed " + std::to_string(status.modified_ns)
           + " ns, xxh " + to_string(hash128(bytes));
}

}  // namespace kaygraph::runs
