#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/parallel/rank_blocks.hpp>

#include <algorithm>
#include <exception>
#include <string>

namespace kaygraph {
namespace {

/// How often the leading thread looks at messages while the workers have work: more often costs them
/// their caches, less often lets other ranks wait.
constexpr std::chrono::milliseconds while_working{1};
/// And while they have none. It sleeps and does not yield: see MpiCommunicator::wait.
constexpr std::chrono::microseconds while_idle{20};

}  // namespace

RankBlocks::RankBlocks(
    Communicator& ranks,
    std::size_t n_blocks,
    std::size_t n_workers,
    Schedule schedule
)
    : ranks_(ranks),
      n_workers_(n_workers),
      share_(
          {.rank = ranks.rank(),
           .n_ranks = ranks.size(),
           .n_blocks = n_blocks,
           .n_workers = n_workers,
           .schedule = schedule,
           .batch = ranks.next_batch(),
           .neighbours = ranks.placement().neighbours}
      ) {}

BlockRange RankBlocks::take(std::size_t want) {
    const std::lock_guard lock{mutex_};
    return is_lost_ ? BlockRange{} : share_.take(want);
}

bool RankBlocks::wait_for_more(std::chrono::microseconds longest) {
    const Clock::time_point start = Clock::now();
    std::unique_lock lock{mutex_};
    const auto is_decided = [&] {
        return is_lost_ || share_.n_left() > 0 || share_.is_retired();
    };
    ++n_idle_;
    changed_.notify_all();
    changed_.wait_for(lock, longest, is_decided);
    --n_idle_;
    idle_ns_ += std::chrono::nanoseconds{Clock::now() - start}.count();
    return !is_lost_ && !share_.is_retired();
}

void RankBlocks::end_worker() noexcept {
    const std::lock_guard lock{mutex_};
    ++n_ended_;
    ++n_idle_;
    changed_.notify_all();
}

void RankBlocks::lead(SharedBatch& batch) {
    try {
        for (;;) {
            const bool is_over = look(batch);
            {
                const std::lock_guard lock{mutex_};
                if (is_over && n_ended_ == n_workers_) {
                    return;
                }
            }
            nap();
        }
    } catch (...) {
        give_up();
        if (!ranks_.is_broken()) {  // an error of this rank alone: the others may not wait for it
            ranks_.give_up(
                "rank " + std::to_string(ranks_.rank())
                + " failed while it shared blocks: " + describe(std::current_exception()).message
            );
        }
        batch.stop();
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return n_ended_ == n_workers_; });
        throw;
    }
}

void RankBlocks::give_up() noexcept {
    const std::lock_guard lock{mutex_};
    is_lost_ = true;
    changed_.notify_all();
}

bool RankBlocks::look(SharedBatch& batch) {
    std::vector<WorkPost> posts;
    bool was_stopped = false;
    bool may_arrive = false;
    bool is_idle = false;
    std::vector<std::pair<int, WorkMessage>> got;
    while (const std::optional<Message> message = ranks_.receive()) {
        got.emplace_back(message->from, decode<WorkMessage>(message->bytes));
    }
    const bool must_stop = batch.must_stop();
    {
        const std::lock_guard lock{mutex_};
        const bool had_none = share_.n_left() == 0;
        share_.set_idle_workers(n_idle_);
        for (const auto& [from, message] : got) {
            share_.receive(from, message, posts);
        }
        if (must_stop) {
            share_.stop(posts);
        }
        share_.poll(posts);
        was_stopped = share_.is_stopped();
        may_arrive = share_.is_retired() && !is_at_barrier_;
        is_idle = n_idle_ == n_workers_ && share_.n_left() == 0;
        if ((had_none && share_.n_left() > 0) || share_.is_retired()) {
            changed_.notify_all();
        }
    }
    if (was_stopped && !must_stop) {
        batch.stop();
    }
    send(posts);
    if (may_arrive) {
        ranks_.start_barrier();
        is_at_barrier_ = true;
    }
    are_all_there_ = are_all_there_ || (is_at_barrier_ && ranks_.test_barrier());
    if (!is_idle || are_all_there_) {
        idle_since_.reset();
    } else if (!idle_since_) {
        idle_since_ = Clock::now();
    } else {
        ranks_.keep_watch(*idle_since_);
    }
    batch.tick();
    return are_all_there_;
}

void RankBlocks::send(const std::vector<WorkPost>& posts) {
    for (const WorkPost& post : posts) {
        ranks_.send(post.to, encode(post.message));
    }
}

void RankBlocks::nap() {
    if (!idle_since_) {
        std::unique_lock lock{mutex_};  // a worker that ends or runs dry wakes it
        const std::size_t n_idle = n_idle_;
        changed_.wait_for(lock, while_working, [&] {
            return n_ended_ == n_workers_ || (n_idle_ > n_idle && share_.n_left() == 0);
        });
    } else {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, while_idle);
    }
}

}  // namespace kaygraph
