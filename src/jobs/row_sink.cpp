#include "jobs/row_sink.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/kernels/convert.hpp>

#include <span>
#include <vector>

namespace kaygraph::jobs::detail {

void RowSink::open(const SinkShape& shape) {
    KAYGRAPH_ASSERT(
        writer_ != nullptr && shape.n_items == writer_->rows()
            && shape.row_bytes == writer_->cols() * sizeof(float),
        "the matrix has the shape of the batch"
    );
}

void RowSink::write(const Block& block, const BlockOutput& output) {
    const std::span<const float> values{
        reinterpret_cast<const float*>(output.bytes.data()), output.bytes.size() / sizeof(float)};
    switch (writer_->type()) {
        case ElementType::f16: {
            std::vector<std::uint16_t> halves(values.size());
            kernels::to_f16(values, halves);
            writer_->write_rows(block.first, std::as_bytes(std::span{halves}));
            break;
        }
        case ElementType::i8: {
            std::vector<std::int8_t> small(values.size());
            n_clamped_ += kernels::to_i8(values, small, i8_scale_);
            writer_->write_rows(block.first, std::as_bytes(std::span{small}));
            break;
        }
        default:
            writer_->write_rows(block.first, output.bytes);
    }
}

void RowSink::finish() {
    writer_->sync_and_close();
}

}  // namespace kaygraph::jobs::detail
