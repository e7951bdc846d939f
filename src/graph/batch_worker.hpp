#pragma once

#include "graph/batch_run.hpp"

#include <cstddef>
#include <exception>
#include <memory>
#include <vector>

namespace kaygraph::detail {

/// One worker of a batch: takes blocks, runs their items, and comes back to those that wait for another
/// attempt when their time has come, so that a waiting item holds up no other.
class BatchWorker {
public:
    BatchWorker(BatchRun& batch, std::size_t worker);

    /// Works until there is nothing left, or the batch is stopped. Errors end the batch, not the call.
    void run();
    [[nodiscard]] WorkerEnd end() { return std::move(end_); }

private:
    /// A block that has been started, and the number of its items that still wait.
    struct OpenBlock {
        Block block;
        std::unique_ptr<BlockBuffer> buffer;
        RangeSet failed;
        std::size_t n_waiting = 0;
        std::size_t n_run = 0;  ///< items from the first on that have been tried
        Clock::time_point start_time = {};
        bool is_whole = true;  ///< every item has a result, or was given up as the policy says

        void start(const Block& next) {
            block = next;
            n_run = 0;
            is_whole = true;
            if (!failed.empty()) {
                failed = {};
            }
        }
    };
    /// An item between two attempts.
    struct Waiting {
        Clock::time_point due;
        std::size_t item;
        int attempts;  ///< made
        std::exception_ptr error;
        OpenBlock* block;

        /// The top of a heap is the earliest.
        friend bool operator<(const Waiting& a, const Waiting& b) noexcept { return a.due > b.due; }
    };

    void work();
    bool retry_one_that_is_due();
    bool run_next_block();
    void load(OpenBlock& open);
    [[nodiscard]] Clock::time_point now() const;
    void count(std::int64_t& part_ns, Clock::time_point since);
    void end_span(const OpenBlock& open);
    void run_block(OpenBlock& open);
    bool run_in_bulk(OpenBlock& open);
    void run_one_by_one(OpenBlock& open);
    std::size_t run_sampled(OpenBlock& open, std::size_t first, std::exception_ptr& error);
    void settle(OpenBlock& open, std::size_t item, int attempts, std::exception_ptr error);
    bool try_again(OpenBlock& open, std::size_t item, int attempt, std::exception_ptr& error);
    bool fall_back(OpenBlock& open, std::size_t item, std::exception_ptr& error);
    void fail(OpenBlock& open, std::size_t item, int attempts, const std::exception_ptr& error);
    void abandon(OpenBlock& open, std::size_t item, int attempts, const std::exception_ptr& error);
    void leave_without_result(OpenBlock& open, std::size_t item);
    static Failure failure_of(std::size_t item, int attempts, const std::exception_ptr& error);
    void keep_failure(std::size_t item, int attempts, const std::exception_ptr& error);
    void note_met();
    void finish(OpenBlock& open);
    void abandon_waiting();
    void end_grab();
    void flush();

    BatchRun& batch_;
    const std::size_t worker_;
    ItemFrame frame_;
    NodeCounts& counts_;
    NodeTimes* times_;
    const bool is_timed_;  // blocks are, for the figures of the ranks
    WorkerEnd end_;

    BlockRange grab_;
    GrabSize grab_size_;
    std::size_t n_grabbed_ = 0;
    Clock::time_point grab_start_;
    RangeSet ran_;  // since the last grab

    std::unique_ptr<OpenBlock> current_;                   // used again where nothing in it waits
    std::vector<std::unique_ptr<OpenBlock>> open_blocks_;  // with waiting items
    std::vector<Waiting> waiting_;                         // a heap, the earliest first
    std::vector<std::unique_ptr<BlockBuffer>> free_buffers_;
    std::size_t current_item_ = 0;
};

}  // namespace kaygraph::detail
