// A batch as a whole: what it shares out, and how it ends.
#include "graph/batch_run.hpp"

#include "graph/batch_worker.hpp"
#include "graph/policy.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/parallel/team.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace kaygraph::detail {
namespace {

/// What a BatchNode does: one worker, in order, the first error ends it.
const ParallelBatchOptions& sequential_options() {
    static const ParallelBatchOptions options{.threads = 1, .schedule = Schedule::static_};
    return options;
}

/// In order on one worker there is nothing to balance.
std::size_t block_size(const BatchPlan& plan, std::size_t n_items, bool is_bulk) {
    return plan.parallel == nullptr && !is_bulk ? 256 : default_block_size(n_items, is_bulk);
}

/// The ranks that share the blocks, null for this one alone.
Communicator* sharing_ranks(const Visit& visit, const BatchPlan& plan) {
    return plan.parallel == nullptr ? nullptr : visit.around.ranks;
}

std::size_t worker_count(Visit& visit, const BlockTable& table, const BatchPlan& plan) {
    if (plan.parallel == nullptr || visit.around.is_concurrent || table.n_blocks() <= 1) {
        return 1;
    }
    return std::min(visit.run().threads_for(plan.parallel->threads), table.n_blocks());
}

std::size_t errors_allowed(const ErrorBudget& budget, std::size_t n_items) {
    std::size_t allowed = budget.count.value_or(n_items);
    if (budget.share) {
        // the slack: 0.29 is a little less than 0.29, and 29 of 100 are allowed
        const double share = std::floor(*budget.share * static_cast<double>(n_items) * (1 + 1e-12));
        allowed = std::min(allowed, static_cast<std::size_t>(share));
    }
    return allowed;
}

std::size_t most_failures_kept(const ParallelBatchOptions& options) {
    return options.sink != nullptr ? BatchStatus::most_failures_kept_with_sink
                                   : BatchStatus::most_failures_kept;
}

}  // namespace

BatchRun::BatchRun(Visit& owner, ItemRunner& runner, const BatchPlan& plan)
    : visit(owner),
      items(runner),
      retry(*plan.retry),
      options(plan.parallel != nullptr ? *plan.parallel : sequential_options()),
      table(
          runner.n_items(),
          options.block.value_or(block_size(plan, runner.n_items(), runner.is_bulk()))
      ),
      n_workers(worker_count(owner, table, plan)),
      is_parallel(plan.parallel != nullptr),
      ranks_(sharing_ranks(owner, plan)),
      recorder_(ranks_ == nullptr ? owner.around.recorder : &owner.run().recorder),
      has_slots_(n_workers > 1 || ranks_ != nullptr),
      n_errors_allowed_(errors_allowed(options.max_errors, runner.n_items())),
      failures_(most_failures_kept(options)) {
    if (ranks_ == nullptr) {
        share_.emplace(table.n_blocks(), n_workers, options.schedule);
    } else {
        rank_blocks_.emplace(*ranks_, table.n_blocks(), n_workers, options.schedule);
    }
}

void BatchRun::run() {
    const std::exception_ptr closed = caught([&] { open(); });
    if (closed && ranks_ == nullptr) {
        std::rethrow_exception(closed);
    }
    if (closed) {  // the others hear of it where they listen: among the blocks
        end_with(0, 0, closed);
    }
    work_all();
    RankPart all = collect();
    const std::vector<RankPart> parts = exchange(all);
    all.end.is_over_budget =
        options.on_budget == OnBudget::stop && all.n_failed > n_errors_allowed_;
    // From here on every error is that of all ranks.
    std::exception_ptr error = caught([&] { judge(all); });
    if (!error && ranks_ != nullptr) {
        error = agreed(caught([&] { gather_values(all.end, parts); }));
    }
    const bool all_ran = all.end.ran.size() == table.n_items();
    const std::exception_ptr unclosed = caught([&] {
        if (is_open_) {
            items.close(all.end);
        }
    });
    if (!error) {
        error = agreed(caught([&] {
            if (unclosed) {
                std::rethrow_exception(unclosed);
            }
            if (options.sink != nullptr && all_ran) {
                options.sink->finish();
            }
        }));
    }
    if (error) {
        std::rethrow_exception(error);
    }
    report_end(all);
}

void BatchRun::open() {
    const bool to_sink = options.sink != nullptr;
    if (options.ledger != nullptr) {
        visit.run().claim_ledger(visit.node.id, visit.node.path);
    }
    visit.context = [&] {
        VisitInfo info = visit_info(visit.node, visit.around);
        info.n_threads = n_workers;
        return Context{info};
    }();
    if (has_slots_) {
        visit.run().reserve_threads(n_workers);
    }
    items.open(n_workers, to_sink, visit.context);
    is_open_ = true;
    if (to_sink) {
        SinkShape shape = items.sink_shape();
        shape.n_items = table.n_items();
        shape.block_size = table.block_size();
        options.sink->open(shape);
    }
}

// ---- the workers

void BatchRun::work_all() {
    if (ranks_ != nullptr) {
        work_over_ranks();
    } else if (n_workers == 1) {
        work(0);
    } else {
        run_team(n_workers, [this](std::size_t worker) { work(worker); });
    }
}

/// The entering thread talks to the other ranks, beside the workers; where there can be none beside it, it
/// works and talks in turn.
void BatchRun::work_over_ranks() {
    ranks_->doing("the work", visit.node.path);
    const auto work_and_end = [this](std::size_t worker) {
        if (const std::exception_ptr error = caught([&] { work(worker); })) {
            end_with(0, 0, error);
        }
        rank_blocks_->end_worker();
    };
    if (!visit.run().may_have_threads()
        || !run_beside(n_workers, work_and_end, [&] { rank_blocks_->lead(*this); })) {
        is_polling_ = true;
        for (std::size_t worker = 0; worker < n_workers; ++worker) {
            work_and_end(worker);
        }
        rank_blocks_->lead(*this);
    }
    RankFigures& figures = visit.run().figures;
    figures.requests += rank_blocks_->share().n_requests();
    figures.steals += rank_blocks_->share().n_steals();
    figures.stolen_blocks += rank_blocks_->share().n_stolen_blocks();
    figures.idle_ns += rank_blocks_->idle_ns();
}

BlockRange BatchRun::take(std::size_t worker, std::size_t want) {
    if (ranks_ == nullptr) {
        return share_->take(worker, want);
    }
    if (is_polling_) {
        look_at_messages();
    }
    return rank_blocks_->take(want);
}

bool BatchRun::wait_for_more() {
    if (ranks_ == nullptr) {
        return false;
    }
    if (is_polling_) {
        look_at_messages();
    }
    return rank_blocks_->wait_for_more(std::chrono::microseconds{is_polling_ ? 200 : 5000});
}

/// Where the one worker talks, too: not more often than a talking thread would.
void BatchRun::look_at_messages() {
    const Clock::time_point now = Clock::now();
    if (now < next_look_) {
        return;
    }
    next_look_ = now + std::chrono::milliseconds{1};
    rank_blocks_->look(*this);
}

void BatchRun::work(std::size_t worker) {
    if (!is_open_) {
        return;
    }
    BatchWorker self{*this, worker};
    self.run();
    add(self.end());
}

bool BatchRun::must_stop() noexcept {
    if (visit.run().is_past_deadline()) {
        stop();
    }
    return stopped_.load(std::memory_order_relaxed) || visit.run().stop().stop_requested();
}

void BatchRun::add_ran(const RangeSet& ran) {
    const std::lock_guard lock{mutex_};
    ran_.add(ran);
}

void BatchRun::count_failed() {
    const std::lock_guard lock{mutex_};
    if (++n_failed_ > n_errors_allowed_) {
        stop();
    }
}

bool BatchRun::keeps_failure_of(std::size_t item) {
    const std::lock_guard lock{mutex_};
    return failures_.wants(item);
}

void BatchRun::add_failure(Failure failure) {
    const std::lock_guard lock{mutex_};
    failures_.add(std::move(failure));
}

void BatchRun::meet(std::size_t item) {
    stop();
    const std::lock_guard lock{mutex_};
    stop_item_ = std::min(stop_item_.value_or(item), item);
}

void BatchRun::end_with(std::size_t item, int attempts, std::exception_ptr error) {
    stop();
    const std::lock_guard lock{mutex_};
    if (!fatal_ || item < fatal_->item) {
        fatal_ = {item, attempts, std::move(error)};
    }
}

void BatchRun::add(WorkerEnd end) {
    const std::lock_guard lock{mutex_};
    ends_.push_back(std::move(end));
}

void BatchRun::report_progress() {
    if (!options.progress || visit.around.is_concurrent || Clock::now() < next_progress_) {
        return;
    }
    next_progress_ = Clock::now() + std::chrono::milliseconds{100};
    Progress progress{.total = table.n_items()};
    {
        const std::lock_guard lock{mutex_};
        progress.done = ran_.size();
        progress.failed = n_failed_;
    }
    options.progress(progress);
}

/// An error of the user's function ends the batch, not the talk with the other ranks.
void BatchRun::tick() noexcept {
    if (const std::exception_ptr error = caught([&] { report_progress(); })) {
        end_with(0, 0, error);
    }
}

/// The last report is of all ranks.
void BatchRun::report_end(const RankPart& all) const {
    if (options.progress && !visit.around.is_concurrent) {
        options.progress(
            {.done = all.end.ran.size(), .failed = all.n_failed, .total = table.n_items()}
        );
    }
}

// ---- the end

/// What this rank did.
RankPart BatchRun::collect() {
    RankPart part;
    BatchEnd& end = part.end;
    end.n_items = table.n_items();
    end.ran = std::move(ran_);
    end.stop_item = stop_item_;
    end.is_in_sink = options.sink != nullptr;
    end.n_resumed = n_resumed_;
    std::int64_t read_ns = 0;
    std::int64_t write_ns = 0;
    for (WorkerEnd& worker : ends_) {
        end.failed.add(worker.failed);
        part.work_ns += worker.work_ns;
        read_ns += worker.read_ns;
        write_ns += worker.write_ns;
        part.longest_block_ns = std::max(part.longest_block_ns, worker.longest_block_ns);
    }
    end.here = end.ran.without(end.failed);
    end.failures = failures_.take();
    part.n_failed = n_failed_;
    part.is_abandoned = is_abandoned_;
    NodeCounts& counts = counts_of(0);
    counts.items += end.ran.size() - end.n_resumed;
    counts.failed_items += end.failed.size();
    if (!visit.around.is_concurrent) {  // a batch inside concurrent walks has no say in them
        RankFigures& figures = visit.run().figures;
        figures.items += end.ran.size() - end.n_resumed;
        figures.busy_ns += part.work_ns;
        figures.read_ns += read_ns;
        figures.write_ns += write_ns;
    }
    return part;
}

/// Collective. Leaves in `own` what all ranks did together, the same on each; returns their parts.
std::vector<RankPart> BatchRun::exchange(RankPart& own) {
    std::vector<RankPart> parts;
    if (ranks_ != nullptr) {
        ranks_->doing("the agreement after the items", visit.node.path);
        if (fatal_) {
            visit.failed_item = fatal_->item;
            visit.failed_attempts = fatal_->attempts;
            own.fatal = failure_in(visit, Phase::exec, fatal_->error);
            if (const std::optional<FailedVisit> inner = items.where_failed(fatal_->item)) {
                own.fatal->node = inner->node;
                own.fatal->phase = inner->phase;
            }
            visit.failed_item.reset();
            visit.failed_attempts = 0;
        }
        try {
            visit.run().check_limits(visit.node.path);
        } catch (...) {
            own.limit = failure_in(visit, Phase::exec, std::current_exception());
        }
        const Clock::time_point start = Clock::now();
        const std::vector<std::vector<std::byte>> encoded = ranks_->allgather(encode(own));
        visit.run().figures.wait_ns += nanoseconds_between(start, Clock::now());
        for (const std::vector<std::byte>& bytes : encoded) {
            parts.push_back(decode<RankPart>(bytes));
        }
        merge(own, parts, ranks_->rank());
    }
    if (is_parallel) {
        const bool counts_here = ranks_ == nullptr || ranks_->is_root();
        visit.exec_work_ns = counts_here ? own.work_ns : 0;
        visit.exec_critical_ns = own.longest_block_ns;
    }
    return parts;
}

void BatchRun::merge(RankPart& all, std::vector<RankPart>& parts, int own) const {
    const auto lowest = [](std::optional<RankFailure>& first,
                           const std::optional<RankFailure>& other) {
        if (other && (!first || other->item < first->item)) {
            first = other;
        }
    };
    all.fatal.reset();
    all.limit.reset();
    LowestFailures failures{most_failures_kept(options)};
    for (std::size_t r = 0; r < parts.size(); ++r) {
        RankPart& part = parts[r];
        lowest(all.fatal, part.fatal);
        lowest(all.limit, part.limit);
        const bool is_own = static_cast<int>(r) == own;
        for (Failure& failure : is_own ? all.end.failures : part.end.failures) {
            failures.add(std::move(failure));
        }
        if (is_own) {
            continue;
        }
        all.end.ran.add(part.end.ran);
        all.end.failed.add(part.end.failed);
        if (part.end.stop_item) {
            all.end.stop_item =
                std::min(all.end.stop_item.value_or(*part.end.stop_item), *part.end.stop_item);
        }
        all.end.n_resumed += part.end.n_resumed;
        all.n_failed += part.n_failed;
        all.is_abandoned = all.is_abandoned || part.is_abandoned;
        all.work_ns += part.work_ns;
        all.longest_block_ns = std::max(all.longest_block_ns, part.longest_block_ns);
    }
    all.end.failures = failures.take();
}

/// The values of other ranks, where they are wanted here.
void BatchRun::gather_values(BatchEnd& all, const std::vector<RankPart>& parts) {
    if (options.sink != nullptr || options.gather == Gather::none) {
        return;
    }
    ranks_->doing("the gathering of results", visit.node.path);
    std::vector<std::byte> own;
    const std::exception_ptr error = caught([&] { own = items.encode_values(all.here); });
    visit.run().figures.bytes += own.size();
    const std::vector<std::vector<std::byte>> gathered =
        options.gather == Gather::all ? ranks_->allgather(own) : ranks_->gather(own);
    if (error) {
        std::rethrow_exception(error);
    }
    for (std::size_t r = 0; r < gathered.size(); ++r) {
        if (static_cast<int>(r) != ranks_->rank() && !gathered[r].empty()) {
            items.decode_values(parts[r].end.here, gathered[r]);
            all.here.add(parts[r].end.here);
        } else if (static_cast<int>(r) != ranks_->rank() && !items.has_values()) {
            all.here.add(parts[r].end.here);
        }
    }
}

/// Collective. An error of one rank is everybody's.
std::exception_ptr BatchRun::agreed(const std::exception_ptr& error) {
    if (ranks_ == nullptr || (error && ranks_->is_broken())) {
        return error;
    }
    ranks_->doing("the agreement after the batch", visit.node.path);
    AgreementPart part;
    if (error) {
        part.failure = failure_in(visit, Phase::exec, error);
    }
    return settle(visit, agree(*ranks_, part), part, error);
}

void BatchRun::judge(const RankPart& all) {
    const BatchEnd& end = all.end;
    if (all.fatal) {  // on several ranks
        const bool is_own = fatal_ && all.fatal->rank == ranks_->rank();
        const AgreementPart part{.failure = all.fatal};
        std::rethrow_exception(
            settle(visit, {.failure = all.fatal}, part, is_own ? fatal_->error : nullptr)
        );
    }
    if (fatal_) {
        visit.failed_item = fatal_->item;
        visit.failed_attempts = fatal_->attempts;
        std::rethrow_exception(fatal_->error);
    }
    if (!end.stop_item && (all.is_abandoned || end.ran.size() != table.n_items())) {
        if (all.limit) {
            std::rethrow_exception(settle(visit, {.failure = all.limit}, {}, nullptr));
        }
        if (ranks_ == nullptr) {
            visit.run().check_limits(visit.node.path);
        }
    }
    if (all.n_failed == 0) {  // items that were given up because the batch stopped do not count
        return;
    }
    const Failure& first = end.failures.front();
    const std::string first_text =
        "; the first is item " + std::to_string(first.item) + ": " + first.message;
    if (all.n_failed > n_errors_allowed_ && !end.is_over_budget) {
        throw_nested(
            ErrorCode::error_budget,
            std::to_string(all.n_failed) + " of " + std::to_string(table.n_items())
                + " items failed, max_errors allows " + std::to_string(n_errors_allowed_)
                + first_text,
            end
        );
    }
    if (all.n_failed == table.n_items()) {
        throw_nested(
            ErrorCode::all_items_failed,
            "all " + std::to_string(table.n_items()) + " items failed" + first_text,
            end
        );
    }
}

void BatchRun::throw_nested(ErrorCode code, const std::string& message, const BatchEnd& end) const {
    visit.failed_item = static_cast<std::size_t>(end.failures.front().item);
    visit.failed_attempts = end.failures.front().attempts;
    try {
        end.failures.front().raise();
    } catch (...) {
        std::throw_with_nested(
            NodeError(code, message, {.node = visit.node.path, .item = end.failures.front().item})
        );
    }
}

void check_items_read(const Block& block, std::size_t n_read) {
    if (n_read != block.count) {
        throw ArgumentError(
            "an item source was asked for " + std::to_string(block.count) + " items from "
            + std::to_string(block.first) + " on and gave " + std::to_string(n_read)
        );
    }
}

std::size_t ItemRunner::run(
    ItemFrame& frame,
    BlockBuffer* buffer,
    std::size_t first,
    std::size_t last,
    std::exception_ptr& error
) {
    std::size_t item = first;
    try {
        for (; item < last && !frame.stop.stopped(); ++item) {
            attempt(frame, buffer, item);
        }
    } catch (...) {
        error = std::current_exception();
    }
    return item;
}

void run_batch(Visit& visit, ItemRunner& items, const BatchPlan& plan) {
    BatchRun{visit, items, plan}.run();
}

}  // namespace kaygraph::detail
