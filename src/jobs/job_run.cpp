#include "jobs/job_run.hpp"

#include "jobs/kept_rows.hpp"
#include "jobs/rejects.hpp"
#include "jobs/run_matrix.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/files/replace_file.hpp>
#include <kaygraph/jobs/report.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace kaygraph::jobs::detail {
namespace {

constexpr std::string_view log_name = "run";

/// Returns what of some blocks is not in the matrix as it was written.
RangeSet lost_blocks(
    const std::vector<runs::RunHistory::Written>& blocks,
    const MatrixWriter& matrix
) {
    RangeSet lost;
    if (blocks.empty()) {
        return lost;
    }
    const RunMatrix written{
        MatrixReader{matrix.part_path(), matrix.format()}, matrix.rows(), RangeSet{}};
    const auto is_there = [&](const runs::RunHistory::Written& block) {
        try {
            return written.is_as_written(block);
        } catch (const FormatError&) {  // a row without its header
            return false;
        }
    };
    for (const runs::RunHistory::Written& block : blocks) {
        if (!is_there(block)) {
            lost.add(block.first, block.last);
        }
    }
    return lost;
}

RangeSet blocks_with_rejects(const runs::RunHistory& history) {
    RangeSet found;
    for (const runs::RunHistory::Written& block : history.written) {
        const auto first = history.rejected.lower_bound(block.first);
        if (first != history.rejected.end() && first->first < block.last) {
            found.add(block.first, block.last);
        }
    }
    return found;
}

/// Whether nothing but names was missing.
bool is_all_done(runs::RunStatus status) noexcept {
    return status == runs::RunStatus::publishing || status == runs::RunStatus::complete;
}

std::string listed(const std::vector<std::string>& lines) {
    constexpr std::size_t most = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(most, lines.size()); ++i) {
        text += "\n  " + lines[i];
    }
    return lines.size() > most ? text + "\n  and " + std::to_string(lines.size() - most) + " more"
                               : text;
}

}  // namespace

std::string normal_path(const std::string& path) {
    return std::filesystem::path{path}.lexically_normal().string();
}

runs::RunFile run_file(
    std::string role,
    std::string kind,
    const std::string& path,
    FileSystem& files
) {
    const auto status = files.status(path);
    if (!status) {
        throw IoError(ErrorCode::io, "there is no such file", {.file = path});
    }
    return {
        .role = std::move(role),
        .kind = std::move(kind),
        .path = normal_path(path),
        .stamp = runs::FileStamp{*status}};
}

runs::RunProduct finished_product(
    FileSystem& files,
    std::string_view suffix,
    const std::string& path,
    const std::function<void()>& between
) {
    return {
        .suffix = std::string{suffix},
        .stamp = runs::FileStamp{*files.status(path)},
        .hash = content_hash(files, path, between)};
}

void JobRun::lock() {
    if (!files_->status(directory_.path())) {
        require_replaceable();  // before a directory is made beside a file of somebody else
    }
    if (directory_.is_foreign() && !options_.overwrite) {
        throw ArgumentError(
            "here a run keeps what it needs to go on, and something else is there: name another "
            "output, or --overwrite",
            {.file = directory_.path()}
        );
    }
    directory_.lock();
}

/// What cannot be read is another's business where a run begins anew.
void JobRun::read_before() {
    has_record_ = files_->status(directory_.path() + "/run.json").has_value();
    if (!options_.fresh) {
        before_ = directory_.read();
        return;
    }
    try {
        before_ = directory_.read();
    } catch (const FormatError&) {
        before_.reset();
    }
}

bool JobRun::has_made(std::string_view suffix) {
    read_before();
    if (!before_) {
        return false;
    }
    const runs::RunProduct* const made = before_->product(suffix);
    return made == nullptr ? suffix.find(".part") != std::string_view::npos
                           : !options_.overwrite || is_as_made(*made);
}

void JobRun::require_same_run(const runs::RunRecord& now) const {
    if (!before_->has_hashes) {
        throw ArgumentError(
            "an earlier version of kaygraph made this output, without the hashes by which its "
            "inputs "
            "are known again (--fresh begins anew)",
            {.file = directory_.path()}
        );
    }
    const std::vector<std::string> lines = differences(*before_, now);
    if (!lines.empty()) {
        throw ArgumentError(
            "this output belongs to another run (--fresh begins anew):" + listed(lines),
            {.file = directory_.path()}
        );
    }
}

RunStart JobRun::look(runs::RunRecord now, int n_ranks, const Log& log) {
    read_before();
    n_ranks_ = n_ranks;
    const bool is_same = before_ && !options_.fresh;
    if (is_same) {
        require_same_run(now);
    }
    RunStart start;
    for (std::size_t i = 0; i < now.files.size(); ++i) {
        if (is_same && is_trusted(before_->files[i], now.files[i])) {
            now.files[i].hash = before_->files[i].hash;
        } else {
            start.doubtful.push_back({i, now.files[i].path, now.files[i].stamp.bytes});
        }
    }
    record_ = std::move(now);
    const bool has_part = files_->status(part_).has_value();
    was_complete_ = is_same && is_all_done(before_->status) && is_there({}) && !has_part;
    goes_on_ = is_same && !was_complete_ && has_part;
    if (!was_complete_) {
        require_replaceable();
        return start;
    }
    require_as_made();
    start.n_items = before_->n_items;
    start.n_rejected = before_->n_rejected;
    start.lost_ids = is_lost(runs::product::ids);
    if (start.lost_ids) {
        log.warn(log_name, path_of(runs::product::ids) + " was lost: it is made again");
    }
    start.is_complete_if_same = true;
    if (start.doubtful.empty() && !start.lost_ids) {
        start.is_complete = finish_complete({}, log);
    }
    return start;
}

/// The end of a run that an earlier start made whole: of its files what can be made at once is made again, and others know
/// it as complete. Returns true.
bool JobRun::finish_complete(const FileHashes& hashes, const Log& log) {
    const bool was_told = before_->status == runs::RunStatus::complete;
    const std::vector<runs::RunFile> files = std::move(record_.files);
    record_ = *before_;
    record_.files = files;
    const bool has_restored = restore_small_products(log);
    if (!was_told) {
        complete();
    } else if (!hashes.empty() || has_restored || has_new_stamps_) {  // of the same content
        directory_.write(record_);
    }
    return true;
}

bool JobRun::begin(
    const FileHashes& hashes,
    std::uint64_t n_items,
    std::uint64_t room_bytes,
    const Log& log
) {
    for (const auto& [index, hash] : hashes) {
        record_.files.at(index).hash = hash;
    }
    const bool is_same = before_ && !options_.fresh;
    if (is_same) {
        const std::vector<std::string> lines = content_differences(*before_, record_);
        if (!lines.empty()) {
            throw ArgumentError(
                "this output belongs to another run (--fresh begins anew):" + listed(lines),
                {.file = directory_.path()}
            );
        }
    }
    if ((was_complete_ || goes_on_) && before_->n_items != n_items) {
        throw FormatError(
            ErrorCode::malformed,
            "run.json tells of " + std::to_string(before_->n_items) + " items, the inputs hold "
                + std::to_string(n_items),
            {.file = directory_.path()}
        );
    }
    if (was_complete_) {
        return finish_complete(hashes, log);
    }
    require_room(room_bytes);
    record_.attempts = goes_on_ ? before_->attempts + 1 : 1;
    record_.most_ranks = goes_on_ ? std::max(before_->most_ranks, n_ranks_) : n_ranks_;
    record_.n_items = n_items;
    if (is_same && (goes_on_ || before_->n_rejected == 0)) {
        record_.products = before_->products;
        if (!is_there(runs::product::matrix)) {  // it is to be made
            record_.products.erase(
                std::remove_if(
                    record_.products.begin(),
                    record_.products.end(),
                    [](const runs::RunProduct& made) { return made.suffix.empty(); }
                ),
                record_.products.end()
            );
        }
    } else {
        remove_products();
    }
    warn_of_strangers(log);
    if (!goes_on_) {
        directory_.clear();
    }
    is_ours_ = true;
    directory_.write(record_);  // before there are journals: they are judged by it
    return false;
}

RunResumed JobRun::resume(MatrixWriter& matrix, bool tolerates_rejects, const Log& log) {
    RunResumed resumed{.attempt = record_.attempts, .n_items = matrix.rows()};
    if (goes_on_ && files_->status(matrix.part_path())->bytes == matrix.file_bytes()) {
        matrix.reopen();
        recover(matrix, tolerates_rejects, log, resumed);
    } else {
        if (goes_on_) {
            goes_on_ = false;
            directory_.clear();
            directory_.write(record_);
        }
        matrix.create();
    }
    const runs::RunProduct* const ids = record_.product(runs::product::ids);
    resumed.has_ids = ids != nullptr && is_as_made(*ids);
    return resumed;
}

/// Reads the journals, and finds what of it stands.
void JobRun::recover(
    const MatrixWriter& matrix,
    bool tolerates_rejects,
    const Log& log,
    RunResumed& resumed
) const {
    runs::RunHistory history = directory_.history(record_);
    if (history.torn_bytes != 0) {
        log.warn(
            log_name,
            "cut off " + std::to_string(history.torn_bytes)
                + " bytes of a frame that was never finished"
        );
    }
    const RangeSet lost =
        lost_blocks(options_.verify_all ? history.written : history.unsynced, matrix);
    if (!lost.empty()) {
        log.warn(
            log_name,
            std::to_string(lost.size())
                + " items were done, but their rows are not what was written: they are done again"
        );
    }
    resumed.done = history.done.without(lost);
    if (!tolerates_rejects) {
        resumed.done = resumed.done.without(blocks_with_rejects(history));
    }
    for (const auto& [item, why] : history.rejected) {
        if (resumed.done.contains(item)) {
            resumed.rejected.add(item, item + 1);
        }
    }
    if (!history.suspects.empty()) {
        log.warn(
            log_name,
            std::to_string(history.suspects.size())
                + " items were in hand when earlier runs died: they are tried one by one first"
        );
    }
    resumed.suspects = std::move(history.suspects);
    resumed.fatal = std::move(history.fatal);
    resumed.ends = std::move(history.ends);
}

std::map<std::uint64_t, std::string> JobRun::rejects() const {
    return directory_.history(record_).rejected;
}

void JobRun::publish(std::uint64_t n_rejected, std::vector<runs::RunProduct> products) {
    record_.products = std::move(products);
    mark(runs::RunStatus::publishing, n_rejected);
}

void JobRun::complete() {
    for (runs::RunProduct& made : record_.products) {
        if (const auto status = files_->status(path_of(made.suffix))) {
            made.stamp = runs::FileStamp{*status};
        }
    }
    mark(runs::RunStatus::complete, record_.n_rejected);
}

bool JobRun::keep(bool was_stopped) {
    if (!is_ours_ || is_all_done(record_.status)) {
        return true;
    }
    const runs::RunHistory history = directory_.history(record_);
    std::map<std::uint64_t, std::string> rejects = history.rejected;
    rejects.insert(history.rejected_undone.begin(), history.rejected_undone.end());
    if (!goes_on_ && history.done.empty() && rejects.empty()) {
        directory_.clear();
        files_->remove(part_);
        return false;
    }
    if (!rejects.empty()) {
        write_rejects(*files_, path(), rejects);
    }
    mark(was_stopped ? runs::RunStatus::stopped : runs::RunStatus::failed, 0);
    return true;
}

void JobRun::tell(const RunDocument& document, const Log& log) const {
    const std::string status = document.fact("status");
    constexpr int stopped_exit = 75;  // as the command's, EX_TEMPFAIL of sysexits.h
    const int exit_value = status == "complete" ? 0 : status == "stopped" ? stopped_exit : 1;
    const std::exception_ptr error = caught([&] {
        replace_file(*files_, path() + "/metrics.json", to_json(document));
        replace_file(*files_, path() + "/joblog.tsv", to_job_log(document, exit_value));
    });
    if (error) {
        log.warn(
            log_name, "the figures of the run could not be written: " + describe(error).message
        );
    }
}

RunDocument JobRun::to_tell(RunDocument now, bool was_complete) const {
    if (!was_complete) {
        return now;
    }
    static_cast<void>(caught([&] {
        RunDocument before = read_run(path(), *files_).document;
        if (before.fact("status") == to_string(runs::RunStatus::complete)) {
            now = std::move(before);
        }
    }));
    return now;
}

void JobRun::mark(runs::RunStatus status, std::uint64_t n_rejected) {
    record_.status = status;
    record_.n_rejected = n_rejected;
    directory_.write(record_);
}

// ---- what the run made

bool JobRun::is_lost(std::string_view suffix) const {
    return before_->product(suffix) != nullptr && !is_there(suffix);
}

/// What has a product's name must be what the run gave it to: by its stamp, or else by its content.
void JobRun::require_as_made() {
    const auto refuse = [](const std::string& expected, const std::string& path) {
        throw FormatError(
            ErrorCode::malformed,
            "expected " + expected + "; --fresh --overwrite makes all of it anew",
            {.file = path}
        );
    };
    for (runs::RunProduct& made : before_->products) {
        const std::string path = path_of(made.suffix);
        const auto status = files_->status(path);
        if (!status || runs::FileStamp{*status} == made.stamp) {
            continue;
        }
        if (status->bytes != made.stamp.bytes) {
            refuse(
                "the " + std::to_string(made.stamp.bytes)
                    + " bytes that a complete run made, found " + std::to_string(status->bytes),
                path
            );
        }
        if (!is_as_made(made)) {
            refuse("the bytes that a complete run made, found others of the same number", path);
        }
        made.stamp = runs::FileStamp{*status};
        has_new_stamps_ = true;
    }
}

/// Whether a file is still what the run before wrote: by its stamp, or else by its content.
bool JobRun::is_as_made(const runs::RunProduct& made) const {
    const std::string path = path_of(made.suffix);
    const auto status = files_->status(path);
    if (!status || !status->is_regular || status->bytes != made.stamp.bytes) {
        return false;
    }
    if (runs::FileStamp{*status} == made.stamp) {
        return true;
    }
    return made.hash ? content_hash(*files_, path) == *made.hash : is_matrix_as_made();
}

/// Of a matrix that was written in place the journals have the hashes.
bool JobRun::is_matrix_as_made() const {
    bool is_as_made = false;
    static_cast<void>(caught([&] {
        const runs::RunHistory history = directory_.history(*before_);
        const RunMatrix matrix{
            MatrixReader{out_, parse_format(before_->identity.at("format"))},
            before_->n_items,
            RangeSet{}};
        is_as_made =
            history.done.size() == before_->n_items
            && std::all_of(
                history.written.begin(),
                history.written.end(),
                [&](const runs::RunHistory::Written& block) { return matrix.is_as_written(block); }
            );
    }));
    return is_as_made;
}

/// What no run has made is not replaced unless that is asked for.
void JobRun::require_replaceable() const {
    if (options_.overwrite) {
        return;
    }
    const auto refuse = [](const std::string& path) {
        throw ArgumentError(
            "no run is known to have made this file as it is, and this one would replace it: name "
            "another output, or --overwrite",
            {.file = path}
        );
    };
    for (const std::string_view suffix : suffixes_) {
        if (!is_there(suffix)) {
            continue;
        }
        const runs::RunProduct* const made = before_ ? before_->product(suffix) : nullptr;
        if (made == nullptr || !is_as_made(*made)) {
            refuse(path_of(suffix));
        }
    }
    if (has_record_) {
        return;
    }
    if (files_->status(part_)) {
        refuse(part_);
    }
    for (const std::string_view suffix : suffixes_) {
        if (const std::string part = path_of(suffix) + ".part"; files_->status(part)) {
            refuse(part);
        }
    }
}

/// A full disk is an error before there is work, not after hours of it. What is replaced or gone on with has its room already.
void JobRun::require_room(std::uint64_t bytes) const {
    const auto free = files_->free_bytes(directory_of(out_));
    if (!free) {
        return;
    }
    std::uint64_t room = *free;
    const auto add = [&](const std::string& path) {
        const auto status = files_->status(path);
        room += status ? status->allocated_bytes : 0;
    };
    add(part_);
    if (before_ && before_->product(runs::product::matrix) != nullptr) {
        add(out_);  // it is removed first
    }
    if (room < bytes) {
        throw IoError(
            ErrorCode::io,
            "the output needs " + std::to_string(bytes) + " bytes, and the disk has room for "
                + std::to_string(room) + ": free some, or name an output elsewhere",
            {.file = out_}
        );
    }
}

/// Rows and rejects follow from the journals. Returns whether there was something to do.
bool JobRun::restore_small_products(const Log& log) {
    bool has_restored = false;
    const auto restore = [&](std::string_view suffix, const auto& make) {
        if (is_lost(suffix)) {
            log.warn(log_name, path_of(suffix) + " was lost: it is made again");
            make();
            set_product(finished_product(*files_, suffix, path_of(suffix)));
            has_restored = true;
        }
    };
    restore(runs::product::rejects, [&] { write_rejects(*files_, path(), rejects()); });
    restore(runs::product::rows, [&] {
        RangeSet rejected;
        for (const auto& [item, why] : rejects()) {
            rejected.add(item, item + 1);
        }
        make_row_numbers(*files_, out_, record_.n_items, rejected)->publish();
    });
    return has_restored;
}

void JobRun::set_product(const runs::RunProduct& made) {
    for (runs::RunProduct& each : record_.products) {
        if (each.suffix == made.suffix) {
            each = made;
        }
    }
}

void JobRun::made_again(runs::RunProduct made) {
    made.stamp = runs::FileStamp{*files_->status(path_of(made.suffix))};
    set_product(made);
    directory_.write(record_);
}

/// A file that has the name of a product and is none of this run's would be taken for one.
void JobRun::warn_of_strangers(const Log& log) const {
    for (const std::string_view suffix : {runs::product::ids, runs::product::rows}) {
        const bool is_made =
            std::find(suffixes_.begin(), suffixes_.end(), suffix) != suffixes_.end();
        if (!is_made && is_there(suffix)) {
            log.warn(
                log_name, path_of(suffix) + " stands beside the output, and is not of its run"
            );
        }
    }
}

/// An earlier run's, whatever of it this one is going to make itself. What somebody has changed stays.
void JobRun::remove_products() {
    if (!before_) {
        return;
    }
    for (const runs::RunProduct& made : before_->products) {
        if (is_as_made(made)) {
            files_->remove(path_of(made.suffix));
        }
    }
}

}  // namespace kaygraph::jobs::detail
