#include <kaygraph/base/error.hpp>
#include <kaygraph/files/replace_file.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

namespace kaygraph::runs {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30U;  // of run.json

constexpr std::string_view lock_name = "lock";
constexpr std::string_view spool_name = "stdin";
constexpr std::string_view record_name = "run.json";
/// Files of a run beside its journals, each perhaps unfinished, with .part behind it.
constexpr std::array<std::string_view, 5> file_names{
    record_name,
    "rejects.jsonl",
    "metrics.json",
    "joblog.tsv",
    "report.html"};
constexpr std::array<std::string_view, 2> numbered_names{"journal.", "crashes."};

/// Whether a run clears such a file away before it begins anew.
bool is_of_a_run(std::string_view name) {
    for (const std::string_view start : numbered_names) {
        const std::string_view number = name.substr(std::min(start.size(), name.size()));
        if (name.rfind(start, 0) == 0 && !number.empty()
            && number.find_first_not_of("0123456789") == std::string_view::npos) {
            return true;
        }
    }
    constexpr std::string_view part = ".part";
    if (name.size() > part.size() && name.substr(name.size() - part.size()) == part) {
        name.remove_suffix(part.size());
    }
    return std::find(file_names.begin(), file_names.end(), name) != file_names.end();
}

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

bool RunDirectory::is_foreign() const {
    const auto status = files_->status(path_);
    if (!status || !status->is_directory) {
        return status.has_value();
    }
    const std::vector<std::string> names = files_->names_in(path_);
    return !names.empty() && std::none_of(names.begin(), names.end(), is_own_name);
}

bool RunDirectory::is_own_name(std::string_view name) {
    return name == lock_name || name == spool_name || is_of_a_run(name);
}

void RunDirectory::lock() {
    if (!files_->status(path_)) {
        files_->make_directory(path_);
        // what is made beside it is ours as long as it is there
        files_->sync_directory(directory_of(path_));
    }
    const std::string path = path_ + "/" + std::string{lock_name};
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
    const std::string path = path_ + "/" + std::string{record_name};
    if (!files_->status(path)) {
        return {};
    }
    return parse_run_record(read_all(*files_, path), path);
}

void RunDirectory::write(const RunRecord& record) {
    replace_file(*files_, path_ + "/" + std::string{record_name}, to_json(record, out_));
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

void RunDirectory::clear() {
    files_->remove(path_ + "/" + std::string{record_name});  // first: without it there is no run
    for (const std::string& name : files_->names_in(path_)) {
        if (is_of_a_run(name)) {
            files_->remove(path_ + "/" + name);
        }
    }
}

}  // namespace kaygraph::runs
