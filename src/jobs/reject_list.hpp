#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/graph/sink.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace kaygraph::jobs::detail {

/// A record that cannot be embedded, and how it begins.
class RecordError final : public FormatError {
public:
    RecordError(const FormatError& why, std::uint64_t record_offset, std::string_view record);

    [[nodiscard]] std::uint64_t record_offset() const noexcept { return record_offset_; }
    [[nodiscard]] const std::string& excerpt() const noexcept { return *excerpt_; }

private:
    std::uint64_t record_offset_;
    std::shared_ptr<const std::string> excerpt_;  // shared: copying an exception may not throw
};

/// Lists rejected records as they come, a JSON object a line: each rank in a file of its own, which the
/// root puts together, in the order of the rows, when all have ended.
class RejectList final : public Ledger {
public:
    /// The list is `folder`/rejects.jsonl. Nothing is made as long as no record is rejected.
    RejectList(FileSystem& files, std::string folder, int rank)
        : files_(files), folder_(std::move(folder)), rank_(rank) {}

    bool is_done(const Block& /*block*/) override { return false; }
    void started(const Block& /*block*/) override {}
    void done(const Block& /*block*/, const BlockOutput& /*output*/) override {}
    void rejected(const Block& block, const Failure& failure) override;

    /// Ends this rank's file. Called where no worker runs any more.
    void close();
    /// On the root, after all ranks have closed theirs: writes the list.
    void merge(int n_ranks);
    /// On the root: removes the files of the ranks after a failure.
    void discard(int n_ranks) noexcept;
    /// Removes a list that an earlier run left.
    void remove_old();

private:
    [[nodiscard]] std::string path() const { return folder_ + "/rejects.jsonl"; }
    [[nodiscard]] std::string path_of(int rank) const {
        return folder_ + "/rejects." + std::to_string(rank);
    }

    FileSystem& files_;
    std::string folder_;
    int rank_;
    std::mutex mutex_;
    std::unique_ptr<File> file_;
    std::uint64_t bytes_ = 0;
};

}  // namespace kaygraph::jobs::detail
