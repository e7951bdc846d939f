#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/parallel/communicator.hpp>
#include <kaygraph/parallel/work_share.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What a batch has to say while its blocks are shared. Called by the thread that entered the run.
/// @par MPI Local.
/// @par Threads That of the run; others may work on the batch meanwhile.
class KAYGRAPH_EXPORT SharedBatch : public Interface {
public:
    /// Returns true where no block may start any more.
    [[nodiscard]] virtual bool must_stop() noexcept = 0;
    /// Another rank has stopped the batch.
    virtual void stop() noexcept = 0;
    /// Called now and then.
    virtual void tick() noexcept = 0;
};

/// The blocks of a batch that this rank's workers take, shared with the other ranks: WorkShare, driven
/// by a communicator.
///
/// Two ways to drive it: the thread that entered the run leads, beside workers on threads of their own
/// (`lead`); or, where there is no further thread, it is the one worker and looks at messages between
/// blocks (`look`).
/// @par MPI `lead` and `look` communicate, and every rank has to call one of them until it is over.
/// @par Threads Workers call `take`, `wait_for_more` and `end_worker`; the entering thread the rest.
class KAYGRAPH_EXPORT RankBlocks {
public:
    RankBlocks(Communicator& ranks, std::size_t n_blocks, std::size_t n_workers, Schedule schedule);

    /// Takes up to `want` next blocks; an empty range where there is nothing now.
    BlockRange take(std::size_t want);
    /// Waits for blocks of other ranks, so long at most. Returns false where there will be none.
    bool wait_for_more(std::chrono::microseconds longest);
    /// A worker has ended.
    void end_worker() noexcept;

    /// Communicates. Answers and asks other ranks until all workers have ended and all ranks have
    /// nothing left to take. @throws CommunicationError, after all workers have ended.
    void lead(SharedBatch& batch);
    /// Communicates. One look at the messages. Returns true where all ranks have nothing left to take.
    bool look(SharedBatch& batch);

    [[nodiscard]] const WorkShare& share() const noexcept { return share_; }
    /// Time that workers waited for blocks, added up.
    [[nodiscard]] std::int64_t idle_ns() const noexcept { return idle_ns_.load(); }

private:
    using Clock = std::chrono::steady_clock;

    void send(const std::vector<WorkPost>& posts);
    void nap();
    void give_up() noexcept;

    Communicator& ranks_;
    const std::size_t n_workers_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    WorkShare share_;
    std::size_t n_idle_ = 0;  // workers that wait, or have ended
    std::size_t n_ended_ = 0;
    bool is_lost_ = false;  // the ranks cannot be reached any more

    // of the entering thread
    bool is_at_barrier_ = false;
    bool are_all_there_ = false;
    std::optional<Clock::time_point> idle_since_;
    std::atomic<std::int64_t> idle_ns_{0};
};

}  // namespace kaygraph

#pragma GCC visibility pop
