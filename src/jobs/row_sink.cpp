#include "jobs/row_sink.hpp"

#include "jobs/element_conversion.hpp"

#include <kaygraph/base/check.hpp>

#include <span>
#include <vector>

namespace kaygraph::jobs::detail {

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
    const ElementType type = writer_->type();
    if (rows_ == RowsAre::elements || type == ElementType::f32) {
        write_elements(block, output.bytes);
        return;
    }
    std::vector<std::byte> elements(output.bytes.size() / sizeof(float) * size_of(type));
    ElementLosses losses;
    static_cast<void>(  // from floats all fit
        convert_elements(output.bytes, ElementType::f32, elements, type, i8_scale_, losses)
    );
    write_elements(block, elements);
    const std::lock_guard lock{mutex_};
    losses_.add(losses);
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
