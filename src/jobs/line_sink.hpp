#pragma once

#include <kaygraph/files/file_system.hpp>
#include <kaygraph/parallel/sink.hpp>
#include <kaygraph/runs/run_record.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace kaygraph::jobs::detail {

/// Writes results that are strings one behind the other, in the order of the items: each rank's blocks go to a
/// segment file of its own, and rank 0 puts them in order at the end.
class LineSink final : public Sink {
public:
    /// The lines of a product of the output `out`.
    LineSink(
        FileSystem& files,
        const std::string& out,
        std::string_view suffix,
        int rank,
        int n_ranks
    )
        : files_(files), path_(out + std::string{suffix}), rank_(rank), n_ranks_(n_ranks) {
        product_.suffix = suffix;
    }

    /// Returns the file of a rank's blocks, of lines that go to `path`.
    [[nodiscard]] static std::string segment_of(const std::string& path, int rank) {
        return path + ".segment." + std::to_string(rank);
    }

    void open(const SinkShape& shape) override;
    void write(const Block& block, const BlockOutput& output) override;
    /// On rank 0 makes PATH.part of all segments; publish gives it its name.
    void finish() override;

    /// On rank 0: earlier runs, killed ones, had up to so many ranks, and may have left segments.
    void also_remove(int most_ranks) noexcept { most_ranks_ = most_ranks; }
    /// On rank 0, once it is finished: what it made.
    [[nodiscard]] const runs::RunProduct& product() const noexcept { return product_; }
    /// On rank 0: renames PATH.part to PATH and removes the segments.
    void publish();
    /// On rank 0: removes what was made.
    void discard() noexcept;

private:
    [[nodiscard]] std::string segment(int rank) const { return segment_of(path_, rank); }
    void merge();

    FileSystem& files_;
    std::string path_;
    int rank_;
    int n_ranks_;
    int most_ranks_ = 0;
    std::mutex mutex_;
    std::unique_ptr<File> file_;
    std::uint64_t bytes_ = 0;
    runs::RunProduct product_ = {};
};

}  // namespace kaygraph::jobs::detail
