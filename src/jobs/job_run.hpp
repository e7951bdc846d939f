#pragma once

#include <kaygraph/base/log.hpp>
#include <kaygraph/base/range_set.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/matrix_writer.hpp>
#include <kaygraph/metrics/run_document.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace kaygraph::jobs::detail {

/// A file whose content must be looked at before it is known whether a run goes on.
struct DoubtfulFile {
    std::uint64_t index = 0;  ///< among the files of the record
    std::string path = {};
    std::uint64_t bytes = 0;
    static auto codec(auto& self) { return std::tie(self.index, self.path, self.bytes); }
};

/// What is known before files were read, as all ranks are told.
struct RunStart {
    bool is_complete = false;          ///< an earlier run made it all, and nothing is in doubt
    bool is_complete_if_same = false;  ///< the same, where the content of its files is what it was
    bool lost_ids = false;             ///< of a complete run
    std::uint64_t n_items = 0;         ///< of a complete run
    std::uint64_t n_rejected = 0;
    std::vector<DoubtfulFile> doubtful = {};

    /// Whether the first so many files, which hold texts, must be read before the run can be judged or go on.
    [[nodiscard]] bool needs_texts(std::uint64_t n_inputs) const {
        return !is_complete_if_same || lost_ids
               || (!doubtful.empty() && doubtful.front().index < n_inputs);
    }
    static auto codec(auto& self) {
        return std::tie(
            self.is_complete,
            self.is_complete_if_same,
            self.lost_ids,
            self.n_items,
            self.n_rejected,
            self.doubtful
        );
    }
};

/// Where it goes on, as all ranks are told.
struct RunResumed {
    bool is_complete = false;
    std::uint32_t attempt = 0;  ///< from 1 on
    std::uint64_t n_items = 0;
    RangeSet done = {};
    RangeSet rejected = {};                   ///< of these
    RangeSet suspects = {};                   ///< items that may have ended an earlier process
    RangeSet fatal = {};                      ///< items that did
    bool has_ids = false;                     ///< an earlier start wrote them, and they stand
    std::vector<runs::JournalEnd> ends = {};  ///< of the journals, by rank

    [[nodiscard]] runs::JournalEnd end_of(int rank) const {
        const auto at = static_cast<std::size_t>(rank);
        return at < ends.size() ? ends[at] : runs::JournalEnd{};
    }
    static auto codec(auto& self) {
        return std::tie(
            self.is_complete,
            self.attempt,
            self.n_items,
            self.done,
            self.rejected,
            self.suspects,
            self.fatal,
            self.has_ids,
            self.ends
        );
    }
};

/// Returns a path without "./" and "a/..", so that equal ones are equal texts.
std::string normal_path(const std::string& path);

/// Returns what a run keeps of a file that its output follows from. @throws IoError where there is none.
runs::RunFile run_file(
    std::string role,
    std::string kind,
    const std::string& path,
    FileSystem& files
);

/// Returns a product that is finished but for its name, or its place. `between` is called now and then while it is read, and
/// may throw to end that.
runs::RunProduct finished_product(
    FileSystem& files,
    std::string_view suffix,
    const std::string& path,
    const std::function<void()>& between = {}
);

/// What is decided by the content of files is decided later: by their hashes, by index in the record.
using FileHashes = std::map<std::uint64_t, Hash128>;

/// The run directory of a job, as its root looks after it. A run whose matrix has its name is complete, whatever its
/// record says: that name is given last.
///
/// look → begin → (resume) → publish → complete; `keep` after an error. What a run makes is one whole: what an earlier one
/// made is removed before anything of it is made anew, and what got lost of a complete one is made again.
class JobRun {
public:
    /// `part` is what the matrix is called before it is complete, `suffixes` are those of the products that this run may make.
    JobRun(
        FileSystem& files,
        const std::string& out,
        std::string part,
        std::vector<std::string_view> suffixes,
        const runs::ResumeOptions& options
    )
        : files_(&files),
          directory_(files, out),
          out_(out),
          part_(std::move(part)),
          suffixes_(std::move(suffixes)),
          options_(options) {}

    /// @throws ArgumentError where OUT.run is no run directory, another process works on it, or files stand there that
    /// no run has made.
    void lock();
    /// Whether an earlier run of this output is known to have made the file of that suffix, or to be making it; if files
    /// may be replaced, as it is. @throws FormatError for a run.json that is none of ours.
    [[nodiscard]] bool has_made(std::string_view suffix);
    /// Looks at what an earlier run left.
    /// @throws ArgumentError where another run is there, with the difference, and for files that no run has made where this
    /// one is to make its own; FormatError where a complete run's files are not what it made.
    RunStart look(runs::RunRecord now, int n_ranks, const Log& log);
    /// Begins a run or goes on with one. Returns whether it is complete, because the content of its files is what it was.
    /// `room_bytes` is what the run needs on the disk beside small files.
    /// @throws ArgumentError where another run is there, with the difference; IoError where the disk has no such room.
    bool begin(
        const FileHashes& hashes,
        std::uint64_t n_items,
        std::uint64_t room_bytes,
        const Log& log
    );
    /// Opens what an earlier run left of the matrix and believes what can be believed, or creates it. Blocks with
    /// rejected items are done again unless rejects are tolerated.
    RunResumed resume(MatrixWriter& matrix, bool tolerates_rejects, const Log& log);
    /// Adds to what people may want to know of the run.
    void set_fact(const std::string& name, const std::string& value) {
        record_.facts[name] = value;
    }
    /// From now on files get their names. `products` are those that stand under another name, or have theirs already.
    void publish(std::uint64_t n_rejected, std::vector<runs::RunProduct> products);
    void complete();
    /// A product of a complete run that was lost has its name again.
    void made_again(runs::RunProduct made);
    /// Why each rejected item was.
    [[nodiscard]] std::map<std::uint64_t, std::string> rejects() const;
    /// After an error: keeps what was done for the next run, and says so; returns false where there is nothing worth
    /// it, and the directory was cleared.
    bool keep(bool was_stopped);

    /// Writes metrics.json and joblog.tsv. What cannot be written is a warning: the output is not touched by it.
    void tell(const RunDocument& document, const Log& log) const;
    /// Returns the figures to tell: `now`, but where all was there already those of the run that made it, as they were told
    /// then, if there are any.
    [[nodiscard]] RunDocument to_tell(RunDocument now, bool was_complete) const;

    /// Whether this run has begun, or goes on with, what is in the directory.
    [[nodiscard]] bool is_ours() const noexcept { return is_ours_; }
    [[nodiscard]] const runs::RunRecord& record() const noexcept { return record_; }
    [[nodiscard]] const std::string& path() const noexcept { return directory_.path(); }
    [[nodiscard]] std::string journal(int rank) const { return directory_.journal(rank); }
    [[nodiscard]] std::string crashes(int rank) const { return directory_.crashes(rank); }

private:
    [[nodiscard]] std::string path_of(std::string_view suffix) const {
        return out_ + std::string{suffix};
    }
    [[nodiscard]] bool is_there(std::string_view suffix) const {
        return files_->status(path_of(suffix)).has_value();
    }
    void read_before();
    void require_same_run(const runs::RunRecord& now) const;
    bool finish_complete(const FileHashes& hashes, const Log& log);
    void recover(
        const MatrixWriter& matrix,
        bool tolerates_rejects,
        const Log& log,
        RunResumed& resumed
    ) const;
    [[nodiscard]] bool is_as_made(const runs::RunProduct& made) const;
    [[nodiscard]] bool is_matrix_as_made() const;
    void require_replaceable() const;
    void require_as_made();
    [[nodiscard]] bool is_lost(std::string_view suffix) const;
    bool restore_small_products(const Log& log);
    void require_room(std::uint64_t bytes) const;
    void warn_of_strangers(const Log& log) const;
    void set_product(const runs::RunProduct& made);
    void remove_products();
    void mark(runs::RunStatus status, std::uint64_t n_rejected);

    FileSystem* files_;
    runs::RunDirectory directory_;
    std::string out_;
    std::string part_;
    std::vector<std::string_view> suffixes_;
    runs::ResumeOptions options_;
    std::optional<runs::RunRecord> before_ = {};  // what was there
    bool has_record_ = false;                     // perhaps one that cannot be read
    bool was_complete_ = false;
    bool has_new_stamps_ = false;  // of products whose content is what it was
    int n_ranks_ = 1;
    runs::RunRecord record_ = {};
    bool is_ours_ = false;  // the record was written by this run
    bool goes_on_ = false;
};

}  // namespace kaygraph::jobs::detail
