#include "jobs/row_sink.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/kernels/convert.hpp>

#include <span>
#include <vector>

namespace kaygraph::jobs::detail {

namespace {

std::uint64_t n_infinite(std::span<const std::uint16_t> halves) noexcept {
    std::uint64_t n = 0;
    for (const std::uint16_t half : halves) {
        n += (half & 0x7FFFU) == 0x7C00U ? 1U : 0U;
    }
    return n;
}

}  // namespace

void RowSink::open(const SinkShape& shape) {
    KAYGRAPH_ASSERT(
        writer_ != nullptr && shape.n_items == writer_->rows()
            && shape.row_bytes
                   == writer_->cols()
                          * (rows_ == RowsAre::floats ? sizeof(float) : size_of(writer_->type())),
        "the matrix has the shape of the batch"
    );
}

void RowSink::write(const Block& block, const BlockOutput& output) {
    if (rows_ == RowsAre::elements) {
        write_elements(block, output.bytes);
        return;
    }
    const std::span<const float> values{
        reinterpret_cast<const float*>(output.bytes.data()), output.bytes.size() / sizeof(float)};
    switch (writer_->type()) {
        case ElementType::f16: {
            std::vector<std::uint16_t> halves(values.size());
            kernels::to_f16(values, halves);
            n_clamped_ += n_infinite(halves);
            write_elements(block, std::as_bytes(std::span{halves}));
            break;
        }
        case ElementType::i8: {
            std::vector<std::int8_t> small(values.size());
            n_clamped_ += kernels::to_i8(values, small, i8_scale_);
            write_elements(block, std::as_bytes(std::span{small}));
            break;
        }
        default:
            write_elements(block, output.bytes);
    }
}

void RowSink::write_elements(const Block& block, std::span<const std::byte> elements) {
    writer_->write_rows(block.first, elements);
    const Hash128 hash = hash128(elements);
    const std::lock_guard lock{mutex_};
    hashes_[block.index] = hash;
}

Hash128 RowSink::take_hash(const Block& block) {
    const std::lock_guard lock{mutex_};
    const auto node = hashes_.extract(block.index);
    KAYGRAPH_ASSERT(!node.empty(), "a block that is done was written");
    return node.mapped();
}

void RowSink::sync() {
    const std::lock_guard lock{closing_};
    if (!is_closed_ && writer_ != nullptr) {
        writer_->sync();
    }
}

void RowSink::finish() {
    const std::lock_guard lock{closing_};
    is_closed_ = true;
    writer_->sync_and_close();
}

}  // namespace kaygraph::jobs::detail
