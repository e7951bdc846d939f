#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/parallel/blocks.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// @file
/// How ranks share the blocks of a batch: the protocol as a pure state machine, events in and messages
/// out. MPI drives it in a run, a simulator drives it in the tests.
///
/// Each rank starts with a contiguous interval of blocks and takes from its front. A rank that has handed
/// out its last block asks others, one at a time, the nearest first, and is given the back half of what one has left. A
/// rank that was refused often enough retires: it takes no more, and goes on answering until all have
/// retired, which a non-blocking barrier tells. Nothing is central.
///
/// Source: work stealing as in Blumofe, Leiserson: Scheduling Multithreaded Computations by Work
/// Stealing (J. ACM 46, 1999); halves from the back as in Dinan et al.: Scalable Work Stealing (SC 2009).

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What ranks tell each other.
struct WorkMessage {
    enum class Kind : std::uint8_t {
        request,  ///< I have nothing left
        reply,    ///< take these, or nothing
        stop,     ///< start no further block
    };
    Kind kind = Kind::request;
    std::uint64_t batch = 0;  ///< number of the batch: what is late is dropped
    BlockRange blocks = {};   ///< of a reply
    int hint = -1;            ///< of an empty reply: a rank that had work not long ago
};

/// A message with the rank that it goes to.
struct WorkPost {
    int to;
    WorkMessage message;
};

struct WorkShareOptions {
    int rank = 0;
    int n_ranks = 1;
    std::size_t n_blocks = 0;
    std::size_t n_workers = 1;  ///< of this rank
    Schedule schedule = Schedule::stealing;
    std::uint64_t batch = 0;
    std::uint64_t seed = 0;
    std::span<const int> neighbours = {};  ///< ranks of the same node, asked first
};

/// One rank's side of the sharing of one batch.
/// @par MPI Local: it only says what is to be sent.
/// @par Threads None of its own: the driver guards it.
class KAYGRAPH_EXPORT WorkShare {
public:
    explicit WorkShare(const WorkShareOptions& options);

    /// Takes up to `want` next blocks for a worker of this rank; an empty range where there is nothing
    /// now. Towards the end less is given, so that workers, and ranks that ask, have something too.
    BlockRange take(std::size_t want) noexcept;

    /// Says how many workers of this rank wait for blocks.
    void set_idle_workers(std::size_t n) noexcept { n_idle_ = n; }

    /// Reacts to what has come, and to the passing of time. `out` gets what is to be sent.
    void receive(int from, const WorkMessage& message, std::vector<WorkPost>& out);
    void poll(std::vector<WorkPost>& out);
    /// No further block may start, here or elsewhere.
    void stop(std::vector<WorkPost>& out);

    /// Blocks that no worker has taken yet.
    [[nodiscard]] std::size_t n_left() const noexcept { return left_.size(); }
    /// True where this rank will not be given another block: time for the barrier.
    [[nodiscard]] bool is_retired() const noexcept { return is_retired_ && left_.empty(); }
    [[nodiscard]] bool is_stopped() const noexcept { return is_stopped_; }

    // What happened, for the report.
    [[nodiscard]] std::size_t n_requests() const noexcept { return n_requests_; }
    [[nodiscard]] std::size_t n_steals() const noexcept { return n_steals_; }
    [[nodiscard]] std::size_t n_stolen_blocks() const noexcept { return n_stolen_blocks_; }

private:
    void ask(std::vector<WorkPost>& out);
    [[nodiscard]] int next_victim();
    [[nodiscard]] std::uint64_t random() noexcept;
    [[nodiscard]] WorkMessage new_message(WorkMessage::Kind kind) const noexcept;
    [[nodiscard]] WorkMessage answer() noexcept;
    void accept(int from, const WorkMessage& reply) noexcept;

    const int rank_;
    const int n_ranks_;
    const std::size_t n_takers_;
    const bool is_stealing_;
    const std::uint64_t batch_;
    std::uint64_t random_;
    std::vector<int> order_;  // whom to ask: neighbours, then others
    std::size_t n_neighbours_ = 0;
    std::size_t next_ = 0;        // in order_
    std::size_t n_refusals_ = 0;  // since blocks were last given
    std::size_t most_refusals_;

    BlockRange left_;
    std::size_t n_idle_ = 0;
    bool is_fresh_ = false;   // stolen, and none of it taken yet
    bool asks_ahead_ = true;  // while all workers are busy
    std::optional<int> asked_;
    int hint_ = -1;        // whom to ask next
    int last_giver_ = -1;  // who gave blocks last
    bool is_retired_ = false;
    bool is_stopped_ = false;

    std::size_t n_requests_ = 0;
    std::size_t n_steals_ = 0;
    std::size_t n_stolen_blocks_ = 0;
};

/// The share of blocks [0, n) that a rank starts with.
[[nodiscard]] KAYGRAPH_EXPORT BlockRange
first_share(std::size_t n_blocks, int rank, int n_ranks) noexcept;

}  // namespace kaygraph

#pragma GCC visibility pop
