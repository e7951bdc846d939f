#pragma once

#include <kaygraph/files/matrix_writer.hpp>
#include <kaygraph/runs/run_ledger.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>

namespace kaygraph::jobs::detail {

/// What the rows of a batch are: float32, or the elements of the file already.
enum class RowsAre : std::uint8_t { floats, elements };

/// Writes rows into a matrix file at their places, as the elements that the file has.
class RowSink final : public runs::DurableSink {
public:
    /// `i8_scale` is for floats into files of i8. Before a batch starts the sink is given its writer.
    explicit RowSink(RowsAre rows, float i8_scale = 127) : rows_(rows), i8_scale_(i8_scale) {}
    void set_writer(std::shared_ptr<MatrixWriter> writer) noexcept { writer_ = std::move(writer); }
    [[nodiscard]] const std::shared_ptr<MatrixWriter>& writer() const noexcept { return writer_; }

    void open(const SinkShape& shape) override;
    void write(const Block& block, const BlockOutput& output) override;
    /// Puts this rank's rows onto the device.
    void finish() override;
    Hash128 take_hash(const Block& block) override;
    void sync() override;

    [[nodiscard]] std::uint64_t n_clamped() const noexcept { return n_clamped_; }

private:
    void write_elements(const Block& block, std::span<const std::byte> elements);

    RowsAre rows_;
    float i8_scale_;
    std::shared_ptr<MatrixWriter> writer_;
    std::atomic<std::uint64_t> n_clamped_{0};
    std::mutex mutex_;
    std::map<std::size_t, Hash128>
        hashes_;              // of blocks that were written, by index; under the mutex
    std::mutex closing_;      // no sync beside the close
    bool is_closed_ = false;  // under the mutex above
};

}  // namespace kaygraph::jobs::detail
