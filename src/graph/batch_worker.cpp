#include "graph/batch_worker.hpp"

#include "graph/policy.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace kaygraph::detail {
namespace {

/// Blocks with items of a source, or results for a sink, that one worker keeps open for waiting items
/// before it waits itself: bounds memory.
constexpr std::size_t most_open_blocks = 64;

/// Of how many items one is timed, by the number of items alone: a thousand samples or more, but not so many
/// that reading the clock is felt. See NodeTimes::item.
std::size_t timed_stride(std::size_t n_items) {
    return std::clamp<std::size_t>(std::bit_floor(n_items / 1024), 1, 64);
}

}  // namespace

BatchWorker::BatchWorker(BatchRun& batch, std::size_t worker)
    : batch_(batch),
      worker_(worker),
      frame_{
          .context = batch.visit.context,
          .stop = {&batch.stopped(), batch.visit.run().stop().flag()}},
      counts_(batch.counts_of(worker)),
      times_(batch.times_of(worker)),
      is_timed_(times_ != nullptr || batch.is_over_ranks()) {
    frame_.slot = batch.slot_of(worker);
    frame_.context.set_thread(worker);
    frame_.stop_when = batch.options.stop_when ? &batch.options.stop_when : nullptr;
}

void BatchWorker::run() {
    try {
        batch_.items.enter(worker_, frame_.context);
        work();
    } catch (...) {  // of a source, a sink, a ledger, a thread_state
        batch_.end_with(current_item_, 0, std::current_exception());
    }
    abandon_waiting();
    flush();
}

void BatchWorker::work() {
    while (!batch_.must_stop()) {
        if (retry_one_that_is_due() || run_next_block()) {
            continue;
        }
        if (waiting_.empty()) {
            flush();
            if (!batch_.wait_for_more()) {
                break;
            }
        } else if (!batch_.wait_for_more()) {
            // a little: another worker may stop the batch meanwhile
            const Clock::time_point soon = Clock::now() + std::chrono::milliseconds{5};
            wait_until(std::min(waiting_.front().due, soon), frame_.context);
        }
    }
}

bool BatchWorker::retry_one_that_is_due() {
    if (waiting_.empty() || Clock::now() < waiting_.front().due) {
        return false;
    }
    std::pop_heap(waiting_.begin(), waiting_.end());
    Waiting next = std::move(waiting_.back());
    waiting_.pop_back();
    OpenBlock& open = *next.block;
    --open.n_waiting;
    const Clock::time_point start = now();
    if (!try_again(open, next.item, next.attempts + 1, next.error)) {
        settle(open, next.item, next.attempts + 1, next.error);
    }
    if (is_timed_) {
        end_.work_ns += nanoseconds_between(start, Clock::now());
    }
    if (open.n_waiting == 0) {
        finish(open);
        const auto closed =
            std::find_if(open_blocks_.begin(), open_blocks_.end(), [&](const auto& block) {
                return block.get() == &open;
            });
        open_blocks_.erase(closed);
    }
    return true;
}

bool BatchWorker::run_next_block() {
    if (open_blocks_.size() >= most_open_blocks && batch_.items.needs_buffer()) {
        return false;
    }
    if (grab_.empty()) {
        end_grab();
        grab_ = batch_.take(worker_, grab_size_.want());
        n_grabbed_ = grab_.size();
        if (grab_.empty()) {
            return false;
        }
        grab_start_ = Clock::now();
    }
    if (current_ == nullptr) {
        current_ = std::make_unique<OpenBlock>();
    }
    OpenBlock& open = *current_;
    open.start(batch_.table[grab_.first++]);
    current_item_ = open.block.first;
    Ledger* ledger = batch_.options.ledger.get();
    if (ledger != nullptr) {
        if (ledger->is_done(open.block)) {
            ran_.add(open.block.first, open.block.first + open.block.count);
            batch_.add_resumed(open.block.count);
            return true;
        }
        ledger->started(open.block);
    }
    load(open);
    run_block(open);
    if (open.n_waiting == 0) {
        finish(open);
        end_span(open);
    } else {
        open_blocks_.push_back(std::move(current_));
    }
    return true;
}

/// Gets what the block needs, from a source, for a sink.
void BatchWorker::load(OpenBlock& open) {
    if (!batch_.items.needs_buffer()) {
        return;
    }
    if (free_buffers_.empty()) {
        free_buffers_.push_back(batch_.items.make_buffer());
    }
    open.buffer = std::move(free_buffers_.back());
    free_buffers_.pop_back();
    open.start_time = now();
    batch_.items.load(open.block, *open.buffer);
    count(end_.read_ns, open.start_time);
}

Clock::time_point BatchWorker::now() const {
    return is_timed_ ? Clock::now() : Clock::time_point{};
}

/// Time since then counts as work, and as a part of it.
void BatchWorker::count(std::int64_t& part_ns, Clock::time_point since) {
    if (is_timed_) {
        const std::int64_t elapsed = nanoseconds_between(since, Clock::now());
        part_ns += elapsed;
        end_.work_ns += elapsed;
    }
}

/// The block is done, from its first item to its results.
void BatchWorker::end_span(const OpenBlock& open) {
    if (times_ != nullptr) {
        batch_.visit.run().add_span(
            frame_.slot,
            batch_.visit.node.id,
            {.kind = SpanKind::block,
             .start = open.start_time,
             .end = Clock::now(),
             .first = open.block.first,
             .count = open.block.count}
        );
    }
}

/// The grab is used up: its blocks count, and the next one is sized.
void BatchWorker::end_grab() {
    if (n_grabbed_ != 0) {
        grab_size_.taken(n_grabbed_, nanoseconds_between(grab_start_, Clock::now()));
        n_grabbed_ = 0;
    }
    flush();
    if (worker_ == 0 && !batch_.is_over_ranks()) {  // there the talking thread does
        batch_.report_progress();
    }
}

void BatchWorker::flush() {
    if (!ran_.empty()) {
        batch_.add_ran(std::exchange(ran_, {}));
    }
}

void BatchWorker::run_block(OpenBlock& open) {
    const Clock::time_point start = now();
    if (!batch_.items.needs_buffer()) {
        open.start_time = start;
    }
    if (!batch_.items.is_bulk() || !run_in_bulk(open)) {
        run_one_by_one(open);
    }
    if (is_timed_) {
        const std::int64_t elapsed = nanoseconds_between(start, Clock::now());
        if (times_ != nullptr) {
            times_->block.add(elapsed);
        }
        end_.work_ns += elapsed;
        end_.longest_block_ns = std::max(end_.longest_block_ns, elapsed);
    }
}

/// One call for the whole block. Returns false where it failed: it costs no item an attempt.
bool BatchWorker::run_in_bulk(OpenBlock& open) {
    const Block& block = open.block;
    frame_.context.set_attempt(1);
    try {
        batch_.items.run_bulk(frame_, open.buffer.get(), block.first, block.first + block.count);
    } catch (...) {
        const std::exception_ptr error = std::current_exception();
        if (!is_stop(error)) {
            return false;
        }
        batch_.end_with(block.first, 1, error);
        return true;
    }
    open.n_run = block.count;
    note_met();
    return true;
}

void BatchWorker::run_one_by_one(OpenBlock& open) {
    const std::size_t last = open.block.first + open.block.count;
    std::size_t item = open.block.first;
    while (item < last && !frame_.stop.stopped()) {
        std::exception_ptr error;
        frame_.context.set_attempt(1);
        item = run_sampled(open, item, error);
        if (error) {
            settle(open, item, 1, std::move(error));
            ++item;
        }
        note_met();
    }
    open.n_run = item - open.block.first;
}

/// Runs items from `first` on, some of them timed, and returns as ItemRunner::run does.
std::size_t BatchWorker::run_sampled(
    OpenBlock& open,
    std::size_t first,
    std::exception_ptr& error
) {
    const std::size_t last = open.block.first + open.block.count;
    const bool has_deadline = batch_.visit.run().deadline().has_value();
    if (times_ == nullptr && !has_deadline) {
        return batch_.items.run(frame_, open.buffer.get(), first, last, error);
    }
    // where there is a deadline, it is looked at before each item
    const std::size_t stride = has_deadline ? 1 : timed_stride(batch_.table.n_items());
    std::size_t item = first;
    while (item < last && !(has_deadline && batch_.must_stop())) {
        const bool is_timed = times_ != nullptr && item % stride == 0;
        const std::size_t until =
            is_timed ? item + 1 : std::min(last, item + stride - item % stride);
        const Clock::time_point start = is_timed ? Clock::now() : Clock::time_point{};
        const std::size_t reached = batch_.items.run(frame_, open.buffer.get(), item, until, error);
        if (is_timed && (reached > item || error)) {
            times_->item.add(nanoseconds_between(start, Clock::now()));
        }
        item = reached;
        if (reached != until || frame_.met) {
            break;
        }
    }
    return item;
}

/// Follows the policy from a failed attempt on, until the item has a result, waits or has failed for good.
void BatchWorker::settle(
    OpenBlock& open,
    std::size_t item,
    int attempts,
    std::exception_ptr error
) {
    for (;; ++attempts) {
        const Verdict verdict =
            judge(batch_.retry, attempts, item, error, batch_.items.has_fallback());
        switch (verdict.step) {
            case NextStep::retry:
                if (verdict.wait.count() > 0) {
                    const Clock::time_point due = Clock::now() + verdict.wait;
                    if (batch_.is_parallel) {
                        waiting_.push_back({due, item, attempts, std::move(error), &open});
                        std::push_heap(waiting_.begin(), waiting_.end());
                        ++open.n_waiting;
                        return;
                    }
                    wait_until(due, frame_.context);
                }
                if (batch_.must_stop()) {
                    batch_.note_abandoned();
                    return abandon(open, item, attempts, error);
                }
                if (try_again(open, item, attempts + 1, error)) {
                    return;
                }
                break;
            case NextStep::fallback:
                if (fall_back(open, item, error)) {
                    return;
                }
                return fail(open, item, attempts, error);
            case NextStep::give_up:
            case NextStep::pass_through:
                return fail(open, item, attempts, error);
        }
    }
}

bool BatchWorker::try_again(
    OpenBlock& open,
    std::size_t item,
    int attempt,
    std::exception_ptr& error
) {
    ++counts_.retries;
    frame_.context.set_attempt(attempt);
    try {
        frame_.context.set_item(item);
        batch_.items.attempt(frame_, open.buffer.get(), item);
    } catch (...) {
        error = std::current_exception();
        return false;
    }
    note_met();
    return true;
}

bool BatchWorker::fall_back(OpenBlock& open, std::size_t item, std::exception_ptr& error) {
    ++counts_.fallbacks;
    try {
        const ErrorContext place{
            .node = std::string{frame_.context.node()}, .item = static_cast<std::int64_t>(item)};
        with_exception(error, place, [&](const std::exception& exception) {
            batch_.items.fallback(frame_, open.buffer.get(), item, exception);
        });
    } catch (...) {
        error = std::current_exception();
        return false;
    }
    note_met();
    return true;
}

/// The item has failed for good: the batch ends, or goes on without it.
void BatchWorker::fail(
    OpenBlock& open,
    std::size_t item,
    int attempts,
    const std::exception_ptr& error
) {
    const ParallelBatchOptions& options = batch_.options;
    if (options.on_item_error == ItemErrors::fail || is_stop(error)) {
        abandon(open, item, attempts, error);
        return batch_.end_with(item, attempts, error);
    }
    leave_without_result(open, item);
    keep_failure(item, attempts, error);
    if (options.on_item_error == ItemErrors::reject && options.ledger != nullptr) {
        options.ledger->rejected(open.block, failure_of(item, attempts, error));
    }
    batch_.count_failed();
}

/// The item has no result, and nobody has agreed to go on without it: its block is not done.
void BatchWorker::abandon(
    OpenBlock& open,
    std::size_t item,
    int attempts,
    const std::exception_ptr& error
) {
    open.is_whole = false;
    leave_without_result(open, item);
    keep_failure(item, attempts, error);
}

void BatchWorker::leave_without_result(OpenBlock& open, std::size_t item) {
    batch_.items.clear(open.buffer.get(), item);
    open.failed.add(item, item + 1);
    end_.failed.add(item, item + 1);
}

Failure BatchWorker::failure_of(std::size_t item, int attempts, const std::exception_ptr& error) {
    Failure failure = describe(error);
    failure.item = static_cast<std::int64_t>(item);
    failure.attempts = attempts;
    return failure;
}

void BatchWorker::keep_failure(std::size_t item, int attempts, const std::exception_ptr& error) {
    if (batch_.keeps_failure_of(item)) {
        batch_.add_failure(failure_of(item, attempts, error));
    }
}

void BatchWorker::note_met() {
    if (frame_.met) {
        batch_.meet(*frame_.met);
    }
}

/// No item of the block waits any more.
void BatchWorker::finish(OpenBlock& open) {
    const Block& block = open.block;
    const ParallelBatchOptions& options = batch_.options;
    if (options.sink != nullptr && open.is_whole && open.n_run == block.count) {
        current_item_ = block.first;
        const Clock::time_point start = now();
        const BlockOutput output = batch_.items.output(block, *open.buffer, open.failed);
        options.sink->write(block, output);
        if (options.ledger != nullptr) {
            options.ledger->done(block, output);
        }
        count(end_.write_ns, start);
    }
    ran_.add(block.first, block.first + open.n_run);
    if (open.buffer != nullptr) {
        free_buffers_.push_back(std::move(open.buffer));
    }
}

/// The batch has stopped: items that wait have failed with their last error.
void BatchWorker::abandon_waiting() {
    for (const Waiting& waiting : waiting_) {
        batch_.note_abandoned();
        abandon(*waiting.block, waiting.item, waiting.attempts, waiting.error);
    }
    waiting_.clear();
    for (const std::unique_ptr<OpenBlock>& open : open_blocks_) {
        ran_.add(open->block.first, open->block.first + open->n_run);
    }
    open_blocks_.clear();
}

}  // namespace kaygraph::detail
