#pragma once

#include <kaygraph/files/file_system.hpp>
#include <kaygraph/parallel/sink.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace kaygraph::jobs::detail {

/// Writes results that are strings one behind the other, in the order of the items: each rank's blocks go to a
/// segment file of its own, and rank 0 puts them in order at the end.
class LineSink final : public Sink {
public:
    LineSink(FileSystem& files, std::string path, int rank, int n_ranks)
        : files_(files), path_(std::move(path)), rank_(rank), n_ranks_(n_ranks) {}

    void open(const SinkShape& shape) override;
    void write(const Block& block, const BlockOutput& output) override;
    /// On rank 0 makes PATH.part of all segments; publish gives it its name.
    void finish() override;

    /// On rank 0: earlier runs, killed ones, had up to so many ranks, and may have left segments.
    void also_remove(int most_ranks) noexcept { most_ranks_ = most_ranks; }
    /// On rank 0: renames PATH.part to PATH and removes the segments.
    void publish();
    /// On rank 0: removes what was made.
    void discard() noexcept;

private:
    [[nodiscard]] std::string segment(int rank) const {
        return path_ + ".segment." + std::to_string(rank);
    }
    void merge();

    FileSystem& files_;
    std::string path_;
    int rank_;
    int n_ranks_;
    int most_ranks_ = 0;
    std::mutex mutex_;
    std::unique_ptr<File> file_;
    std::uint64_t bytes_ = 0;
};

}  // namespace kaygraph::jobs::detail
