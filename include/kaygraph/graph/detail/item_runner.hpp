#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/graph/batch_result.hpp>
#include <kaygraph/graph/context.hpp>
#include <kaygraph/graph/detail/phases.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/metrics/run_report.hpp>
#include <kaygraph/parallel/blocks.hpp>
#include <kaygraph/parallel/sink.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <vector>

/// @file
/// The engine's view of the items of a batch. The engine (compiled) shares blocks out, retries, counts,
/// stops; the typed side (templates) runs items and keeps results.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

/// Tells whether a batch, or its run, was stopped: no item starts after that.
struct StopFlags {
    const std::atomic<bool>* batch;
    const std::atomic<bool>* run;  ///< null: nobody can stop it

    [[nodiscard]] bool stopped() const noexcept {
        return batch->load(std::memory_order_relaxed)
               || (run != nullptr && run->load(std::memory_order_relaxed));
    }
};

/// What a worker carries from item to item.
struct ItemFrame {
    Context context;
    StopFlags stop = {};
    const StopWhen* stop_when = nullptr;  ///< null where there is none
    std::optional<std::size_t> met = {};  ///< the item whose result met it
    std::size_t slot = 0;                 ///< of the recorder
};

/// What belongs to one block while it is worked on, where there is anything: items that a source made,
/// results on their way to a sink.
class KAYGRAPH_EXPORT BlockBuffer : public Interface {
public:
    std::size_t first = 0;  // global index of its first item
};

/// The items of one batch. Functions that take a worker's frame are called by many workers at once, for
/// different items; the buffer is null where `needs_buffer` is false. What has a default here is what a
/// batch without bulk calls, fallback and sink does.
class KAYGRAPH_EXPORT ItemRunner : public Interface {
public:
    [[nodiscard]] virtual std::size_t n_items() const = 0;
    [[nodiscard]] virtual bool is_bulk() const noexcept { return false; }
    [[nodiscard]] virtual bool has_fallback() const noexcept { return false; }

    /// Makes room for the results, in memory or for a sink, and for the states of workers.
    virtual void open(std::size_t n_workers, bool to_sink, const Context& context) = 0;
    /// Makes a worker's state, on its thread.
    virtual void enter(std::size_t /*worker*/, const Context& /*context*/) {}

    /// Tries one item. @throws what it throws.
    virtual void attempt(ItemFrame& frame, BlockBuffer* buffer, std::size_t item) = 0;
    /// Tries items [first, last) once each, in order, and ends early where the batch is stopped, a result
    /// meets the predicate (`frame.met`) or an item fails (`error`). Returns the first item that was not
    /// tried, or the one that failed; last where all succeeded.
    virtual std::size_t run(
        ItemFrame& frame,
        BlockBuffer* buffer,
        std::size_t first,
        std::size_t last,
        std::exception_ptr& error
    );
    /// Runs items [first, last) by one bulk call.
    virtual void run_bulk(ItemFrame&, BlockBuffer*, std::size_t /*first*/, std::size_t /*last*/) {}
    virtual void fallback(ItemFrame&, BlockBuffer*, std::size_t /*item*/, const std::exception&) {}
    /// An item failed for good: whatever its attempts left in a row is cleared.
    virtual void clear(BlockBuffer* /*buffer*/, std::size_t /*item*/) {}

    [[nodiscard]] virtual bool needs_buffer() const noexcept { return false; }
    [[nodiscard]] virtual std::unique_ptr<BlockBuffer> make_buffer() const { return nullptr; }
    /// Gets a block's items and makes room for its results.
    virtual void load(const Block& /*block*/, BlockBuffer& /*buffer*/) {}
    [[nodiscard]] virtual SinkShape sink_shape() const { return {}; }
    /// Returns a block's results as bytes; `failed` are the items of the block that have none.
    virtual BlockOutput output(const Block&, BlockBuffer&, const RangeSet& /*failed*/) {
        return {};
    }

    [[nodiscard]] virtual bool has_values() const noexcept { return true; }
    /// On several ranks: the values of some items as bytes, and values of others from their bytes.
    virtual std::vector<std::byte> encode_values(const RangeSet& /*items*/) { return {}; }
    virtual void decode_values(const RangeSet& /*items*/, std::span<const std::byte> /*bytes*/) {}

    /// Where inside an item its error happened, for items that are walks.
    [[nodiscard]] virtual std::optional<FailedVisit> where_failed(std::size_t /*item*/) const {
        return {};
    }

    /// The batch is over; `end` tells which items have values.
    virtual void close(BatchEnd end) = 0;
};

/// How a batch is run: what the engine reads of a node's options.
struct BatchPlan {
    const Retry* retry = nullptr;
    const ParallelBatchOptions* parallel = nullptr;  ///< null: one worker, in order
    bool is_at_root = false;                         ///< on several ranks it runs on rank 0
};

/// @throws ArgumentError where a source made another number of items than it was asked for.
KAYGRAPH_EXPORT void check_items_read(const Block& block, std::size_t n_read);

/// Runs a batch. @throws the error that ends it, after all workers have stopped and `close` was called.
KAYGRAPH_EXPORT void run_batch(Visit& visit, ItemRunner& items, const BatchPlan& plan);

}  // namespace kaygraph::detail

#pragma GCC visibility pop
