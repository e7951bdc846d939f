#pragma once

#include <kaygraph/files/matrix_writer.hpp>
#include <kaygraph/jobs/element_losses.hpp>
#include <kaygraph/runs/run_ledger.hpp>

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

    /// Returns what the rows lost so far.
    [[nodiscard]] ElementLosses losses() const {
        const std::lock_guard lock{mutex_};
        return losses_;
    }

private:
    void write_elements(const Block& block, std::span<const std::byte> elements);

    RowsAre rows_;
    float i8_scale_;
    std::shared_ptr<MatrixWriter> writer_;
    mutable std::mutex mutex_;  // of what follows
    ElementLosses losses_;
    std::map<std::size_t, Hash128> hashes_;  // of blocks that were written, by index
    std::mutex closing_;                     // no sync beside the close
    bool is_closed_ = false;                 // under the mutex above
};

}  // namespace kaygraph::jobs::detail
