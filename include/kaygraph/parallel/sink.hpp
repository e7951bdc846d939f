#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/parallel/blocks.hpp>

#include <cstddef>
#include <span>

/// @file
/// The seam for bulk output and journaling: a batch node may have a sink, which takes its results as
/// they are made, and a ledger, which knows which blocks are done. The engine knows nothing of files.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What a batch is going to write.
struct SinkShape {
    std::size_t n_items = 0;
    std::size_t block_size = 0;
    std::size_t row_bytes = 0;   ///< bytes of every result; 0: results differ in size
    std::size_t row_length = 0;  ///< elements of a row, for row results; else 0
};

/// The results of one block, in item order. A failed item has zero bytes in a fixed-size row, and no
/// bytes otherwise.
struct BlockOutput {
    std::span<const std::byte> bytes = {};
    std::size_t row_bytes = 0;  ///< as in the shape
    std::span<const std::size_t> ends =
        {};  ///< for results that differ in size: where each one ends
};

/// Takes the results of a batch node instead of memory, as their `Codec` writes them: for numbers and what
/// is made of them without padding, and for rows of numbers, the bytes of the objects.
/// @par MPI Local.
/// @par Threads `write` is called by many workers at once, each with blocks of its own; `open` and
/// `finish` by one.
class KAYGRAPH_EXPORT Sink : public Interface {
public:
    /// Called once, before any block.
    virtual void open(const SinkShape& shape) = 0;
    /// Writes a block at its place. A block may be written again after a restart; its bytes are equal.
    virtual void write(const Block& block, const BlockOutput& output) = 0;
    /// Called once after the last block, not where the batch failed or stopped early.
    virtual void finish() = 0;
};

/// Knows what has been done before and is told what is done now.
/// @par MPI Local.
/// @par Threads Called by many workers at once, each with blocks of its own.
class KAYGRAPH_EXPORT Ledger : public Interface {
public:
    /// A block that is done is not run again.
    [[nodiscard]] virtual bool is_done(const Block& block) = 0;
    virtual void started(const Block& block) = 0;
    /// The sink has written the block.
    virtual void done(const Block& block, const BlockOutput& output) = 0;
    /// An item failed for good and the batch goes on without it (ItemErrors::reject).
    virtual void rejected(const Block& block, const Failure& failure) = 0;
};

}  // namespace kaygraph

#pragma GCC visibility pop
