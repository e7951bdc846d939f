#pragma once

#include <kaygraph/base/log.hpp>
#include <kaygraph/base/range_set.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_writer.hpp>
#include <kaygraph/metrics/run_document.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace kaygraph::jobs::detail {

/// How a run starts, as all ranks are told.
struct RunStart {
    bool is_complete = false;   ///< an earlier run made it all
    std::uint32_t attempt = 0;  ///< from 1 on
    std::uint64_t n_items = 0;  ///< of a complete run
    std::uint64_t n_rejected = 0;
    static auto codec(auto& self) {
        return std::tie(self.is_complete, self.attempt, self.n_items, self.n_rejected);
    }
};

/// Where it goes on, as all ranks are told.
struct RunResumed {
    std::uint64_t n_items = 0;
    RangeSet done = {};
    RangeSet rejected = {};                   ///< of these
    RangeSet suspects = {};                   ///< items that may have ended an earlier process
    RangeSet fatal = {};                      ///< items that did
    std::vector<runs::JournalEnd> ends = {};  ///< of the journals, by rank

    [[nodiscard]] runs::JournalEnd end_of(int rank) const {
        const auto at = static_cast<std::size_t>(rank);
        return at < ends.size() ? ends[at] : runs::JournalEnd{};
    }
    static auto codec(auto& self) {
        return std::tie(
            self.n_items, self.done, self.rejected, self.suspects, self.fatal, self.ends
        );
    }
};

/// The run directory of a job, as its root looks after it. A run whose matrix has its name is complete, whatever its
/// record says: that name is given last.
class JobRun {
public:
    JobRun(FileSystem& files, const std::string& out, const runs::ResumeOptions& options)
        : files_(&files), directory_(files, out), out_(out), options_(options) {}

    void lock();
    /// Begins a run or goes on with one. `part` is what the matrix is called before it is complete.
    /// @throws ArgumentError where another run is there, with the difference.
    RunStart begin(runs::RunRecord now, int n_ranks, const std::string& part);
    /// Opens what an earlier run left of the matrix and believes what can be believed, or creates it. Blocks with
    /// rejected items are done again unless rejects are tolerated.
    RunResumed resume(MatrixWriter& matrix, bool tolerates_rejects, const Log& log);
    /// From now on files get their names.
    void publish(std::uint64_t n_rejected) { mark(runs::RunStatus::publishing, n_rejected); }
    void complete();
    /// Why each rejected item was.
    [[nodiscard]] std::map<std::uint64_t, std::string> rejects() const;
    /// After an error: keeps what was done for the next run, and says so; returns false where there is nothing worth
    /// it, and the directory was cleared.
    bool keep(bool was_stopped);

    /// Writes metrics.json and joblog.tsv. What cannot be written is a warning: the output is not touched by it.
    void tell(const RunDocument& document, const Log& log) const;

    /// Whether this run has begun, or goes on with, what is in the directory.
    [[nodiscard]] bool is_ours() const noexcept { return is_ours_; }
    [[nodiscard]] int most_ranks() const noexcept { return record_.most_ranks; }
    [[nodiscard]] const std::string& path() const noexcept { return directory_.path(); }
    [[nodiscard]] std::string journal(int rank) const { return directory_.journal(rank); }
    [[nodiscard]] std::string crashes(int rank) const { return directory_.crashes(rank); }

private:
    void recover(
        const MatrixWriter& matrix,
        bool tolerates_rejects,
        const Log& log,
        RunResumed& resumed
    ) const;
    void check_output() const;
    void mark(runs::RunStatus status, std::uint64_t n_rejected);

    FileSystem* files_;
    runs::RunDirectory directory_;
    std::string out_;
    runs::ResumeOptions options_;
    runs::RunRecord record_ = {};
    bool is_ours_ = false;  // the record was written by this run
    bool goes_on_ = false;
};

}  // namespace kaygraph::jobs::detail
