#include "jobs/job_run.hpp"

#include "jobs/run_matrix.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/files/replace_file.hpp>

#include <algorithm>
#include <utility>

namespace kaygraph::jobs::detail {
namespace {

constexpr std::string_view log_name = "run";
constexpr const char* bytes_fact = "output bytes";

/// Returns what of some blocks is not in the matrix as it was written.
RangeSet lost_blocks(
    const std::vector<runs::RunHistory::Written>& blocks,
    const MatrixWriter& matrix
) {
    RangeSet lost;
    const RunMatrix written{
        MatrixReader{matrix.part_path(), matrix.format()}, matrix.rows(), RangeSet{}};
    for (const runs::RunHistory::Written& block : blocks) {
        if (!written.is_as_written(block)) {
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

/// What has the output's name must be as long as what the run gave it to.
void JobRun::check_output() const {
    const auto expected = record_.facts.find(bytes_fact);
    const std::string found = std::to_string(files_->status(out_)->bytes);
    if (expected != record_.facts.end() && expected->second != found) {
        throw FormatError(
            ErrorCode::malformed,
            "expected the " + expected->second + " bytes that a complete run made, found " + found
                + "; --fresh makes it anew",
            {.file = out_}
        );
    }
}

void JobRun::complete() {
    if (const auto status = files_->status(out_)) {
        record_.facts[bytes_fact] = std::to_string(status->bytes);
    }
    mark(runs::RunStatus::complete, record_.n_rejected);
}

void JobRun::lock() {
    directory_.lock();
}

RunStart JobRun::begin(runs::RunRecord now, int n_ranks, const std::string& part) {
    std::optional<runs::RunRecord> before;
    if (!options_.fresh) {
        before = directory_.read();
    }
    if (before) {
        const std::vector<std::string> lines = differences(*before, now);
        if (!lines.empty()) {
            throw ArgumentError(
                "this output belongs to another run (--fresh begins anew):" + listed(lines),
                {.file = directory_.path()}
            );
        }
        const bool has_part = files_->status(part).has_value();
        const bool has_out = files_->status(out_).has_value();
        const bool was_all_done = before->status == runs::RunStatus::complete
                                  || before->status == runs::RunStatus::publishing;
        if (was_all_done && has_out && !has_part) {
            record_ = *before;
            check_output();
            if (record_.status != runs::RunStatus::complete) {
                complete();
            }
            return {true, record_.attempts, record_.n_items, record_.n_rejected};
        }
        goes_on_ = has_part;
    }
    now.attempts = goes_on_ ? before->attempts + 1 : 1;
    now.n_items = goes_on_ ? before->n_items : 0;  // what the journals are judged by
    now.most_ranks = goes_on_ ? std::max(before->most_ranks, n_ranks) : n_ranks;
    if (!goes_on_) {
        directory_.clear(n_ranks);
    }
    record_ = std::move(now);
    is_ours_ = true;
    directory_.write(record_);  // before there are journals: they are looked for up to most_ranks
    return {false, record_.attempts, 0, 0};
}

RunResumed JobRun::resume(MatrixWriter& matrix, bool tolerates_rejects, const Log& log) {
    RunResumed resumed{.n_items = matrix.rows()};
    if (goes_on_ && files_->status(matrix.part_path())->bytes == matrix.file_bytes()) {
        matrix.open();
        recover(matrix, tolerates_rejects, log, resumed);
    } else {
        goes_on_ = false;
        directory_.clear(record_.most_ranks);
        matrix.create();
    }
    record_.n_items = matrix.rows();
    directory_.write(record_);
    return resumed;
}

/// Reads the journals, and finds what of it stands.
void JobRun::recover(
    const MatrixWriter& matrix,
    bool tolerates_rejects,
    const Log& log,
    RunResumed& resumed
) const {
    if (record_.n_items != matrix.rows()) {
        throw FormatError(
            ErrorCode::malformed,
            "run.json tells of " + std::to_string(record_.n_items) + " items, the inputs hold "
                + std::to_string(matrix.rows()),
            {.file = directory_.path()}
        );
    }
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

bool JobRun::keep(bool was_stopped) {
    const bool was_all_done = record_.status == runs::RunStatus::publishing
                              || record_.status == runs::RunStatus::complete;
    if (!is_ours_ || was_all_done) {
        return true;
    }
    if (!goes_on_ && directory_.history(record_).done.empty()) {
        directory_.clear(record_.most_ranks);
        return false;
    }
    mark(was_stopped ? runs::RunStatus::stopped : runs::RunStatus::failed, record_.n_rejected);
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

void JobRun::mark(runs::RunStatus status, std::uint64_t n_rejected) {
    record_.status = status;
    record_.n_rejected = n_rejected;
    directory_.write(record_);
}

}  // namespace kaygraph::jobs::detail
