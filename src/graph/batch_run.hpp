#pragma once

#include "graph/lowest_failures.hpp"
#include "graph/visit.hpp"

#include <kaygraph/graph/detail/item_runner.hpp>
#include <kaygraph/parallel/blocks.hpp>
#include <kaygraph/parallel/rank_blocks.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <tuple>
#include <vector>

namespace kaygraph::detail {

/// What a rank tells the others of its part of a batch.
struct RankPart {
    BatchEnd end = {};
    std::optional<RankFailure> fatal = {};  ///< the error that ended it
    std::optional<RankFailure> limit = {};  ///< the limit of the run that this rank has reached
    std::size_t n_failed = 0;  ///< items that failed for good, not counting those given up
    bool is_abandoned = false;
    std::int64_t work_ns = 0;
    std::int64_t longest_block_ns = 0;

    static auto codec(auto& self) {
        return std::tie(
            self.end,
            self.fatal,
            self.limit,
            self.n_failed,
            self.is_abandoned,
            self.work_ns,
            self.longest_block_ns
        );
    }
};

/// What a worker adds to the batch when it has ended.
struct WorkerEnd {
    RangeSet failed = {};
    std::int64_t work_ns = 0;   ///< time in blocks and retries
    std::int64_t read_ns = 0;   ///< of it, for the source
    std::int64_t write_ns = 0;  ///< of it, for sink and ledger
    std::int64_t longest_block_ns = 0;
};

/// One batch while it runs: what its workers share.
class BatchRun final : private SharedBatch {
public:
    BatchRun(Visit& owner, ItemRunner& runner, const BatchPlan& plan);

    /// Runs all items. @throws the error that ends the batch.
    void run();

    // ---- for workers
    Visit& visit;
    ItemRunner& items;
    const Retry& retry;
    const ParallelBatchOptions& options;
    const BlockTable table;
    const std::size_t n_workers;
    const bool is_parallel;  ///< a ParallelBatchNode, on however many workers

    /// Takes next blocks; an empty range where there are none now.
    [[nodiscard]] BlockRange take(std::size_t worker, std::size_t want);
    /// Waits a little for blocks of other ranks. Returns false where there will be none.
    [[nodiscard]] bool wait_for_more();
    [[nodiscard]] bool is_over_ranks() const noexcept { return ranks_ != nullptr; }
    /// The slot of the recorder that a worker writes to, and its figures of this node.
    [[nodiscard]] std::size_t slot_of(std::size_t worker) const noexcept {
        return has_slots_ ? worker : visit.around.thread;
    }
    [[nodiscard]] NodeCounts& counts_of(std::size_t worker) const {
        return recorder_->counts(slot_of(worker), visit.node.id);
    }
    [[nodiscard]] NodeTimes* times_of(std::size_t worker) const {
        return recorder_->times(slot_of(worker), visit.node.id);
    }
    [[nodiscard]] const std::atomic<bool>& stopped() const noexcept { return stopped_; }
    /// True where no item may start any more: looks at the deadline, too.
    [[nodiscard]] bool must_stop() noexcept override;

    /// Items that ran.
    void add_ran(const RangeSet& ran);
    /// An item failed for good. Ends the batch where its error budget is spent.
    void count_failed();
    /// Why an item has no result; not asked for where it would not be kept.
    [[nodiscard]] bool keeps_failure_of(std::size_t item);
    void add_failure(Failure failure);
    /// Items of blocks that the ledger knows as done.
    void add_resumed(std::size_t n_items) noexcept { n_resumed_ += n_items; }
    /// An item was not tried as often as the policy says, because the batch stopped.
    void note_abandoned() noexcept { is_abandoned_.store(true, std::memory_order_relaxed); }
    /// An item's result met stop_when.
    void meet(std::size_t item);
    /// An error that ends the batch; that of the lowest item is thrown.
    void end_with(std::size_t item, int attempts, std::exception_ptr error);
    void add(WorkerEnd end);

private:
    void open();
    void work(std::size_t worker);
    void work_all();
    void work_over_ranks();
    void look_at_messages();
    void report_progress();
    void stop() noexcept override { stopped_.store(true, std::memory_order_relaxed); }
    void tick() noexcept override;
    void report_end(const RankPart& all) const;
    RankPart collect();
    std::vector<RankPart> exchange(RankPart& own);
    void merge(RankPart& all, std::vector<RankPart>& parts, int own) const;
    void judge(const RankPart& all);
    void gather_values(BatchEnd& all, const std::vector<RankPart>& parts);
    [[nodiscard]] std::exception_ptr agreed(const std::exception_ptr& error);
    [[noreturn]] void throw_nested(ErrorCode code, const std::string& message, const BatchEnd& end)
        const;

    struct Fatal {
        std::size_t item;
        int attempts;
        std::exception_ptr error;
    };

    Communicator* const ranks_;  // null: this rank alone
    Recorder* const recorder_;
    const bool has_slots_;  // each worker has its own
    std::optional<BlockShare> share_;
    std::optional<RankBlocks> rank_blocks_;
    Clock::time_point next_look_;
    bool is_open_ = false;     // there is room for results
    bool is_polling_ = false;  // the one worker looks at messages, too
    std::size_t n_errors_allowed_;
    std::atomic<bool> stopped_{false};
    std::atomic<bool> is_abandoned_{false};
    std::atomic<std::size_t> n_resumed_{0};

    std::mutex mutex_;  // guards what follows
    RangeSet ran_;
    LowestFailures failures_;
    std::size_t n_failed_ = 0;
    std::optional<std::size_t> stop_item_;
    std::optional<Fatal> fatal_;
    std::vector<WorkerEnd> ends_;

    Clock::time_point next_progress_;
    friend class BatchWorker;
};

}  // namespace kaygraph::detail
