#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/function_ref.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/parallel/placement.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// A group of ranks that run the same graph: the few things that the engine needs of MPI. Who writes a
/// batch job never sees it; who links the library makes a Runtime with `mpi::runtime` and hands it over.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Ranks can no longer reach each other: a call of MPI failed, or a rank did not arrive in time. The
/// communicator cannot be used again.
class KAYGRAPH_EXPORT CommunicationError : public Error {
public:
    using Error::Error;
};

/// What a communicator demands of the threads that call it.
enum class ThreadLevel : std::uint8_t {
    single,      ///< the process may have one thread
    funneled,    ///< more threads, of which the main one communicates
    serialized,  ///< more threads, of which one at a time communicates
    multiple,    ///< anything
};

[[nodiscard]] KAYGRAPH_EXPORT std::string_view to_string(ThreadLevel level) noexcept;

/// A short message from one rank to another.
struct Message {
    int from = 0;
    std::vector<std::byte> bytes = {};
};

struct KAYGRAPH_EXPORT RankFailure;

/// A group of ranks. Functions that communicate say so first; no other does.
/// @par Threads One at a time; under FUNNELED the main thread.
class KAYGRAPH_EXPORT Communicator : public Interface {
public:
    /// Bytes of the longest short message.
    static constexpr std::size_t max_short_message = 128;

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return size_; }
    [[nodiscard]] bool is_root() const noexcept { return rank_ == 0; }
    /// Where the ranks are, and how many threads each may use.
    [[nodiscard]] const Placement& placement() const noexcept { return placement_; }

    /// Throws where the calling thread may not communicate, or the communicator is of no use any more.
    /// @throws ArgumentError for a thread or a communicator that was freed; CommunicationError after one.
    virtual void check_usable() const = 0;
    /// False after a CommunicationError.
    [[nodiscard]] virtual bool is_broken() const noexcept = 0;
    [[nodiscard]] virtual ThreadLevel thread_level() const noexcept = 0;

    /// Says what this rank does next, for the messages about ranks that do not arrive. The texts must
    /// outlive the next call.
    void doing(std::string_view phase, std::string_view node) noexcept {
        phase_ = phase;
        node_ = node;
    }

    // ---- Collective over the communicator: every rank calls them in the same order.

    /// Collective. Leaves in each word the least of all ranks.
    virtual void allreduce_min(std::span<std::uint64_t> words) = 0;
    /// Collective. Returns the root's bytes on every rank.
    virtual std::vector<std::byte> broadcast(std::vector<std::byte> bytes, int root) = 0;
    /// Collective. Returns the bytes of every rank, by rank, on every rank.
    virtual std::vector<std::vector<std::byte>> allgather(std::span<const std::byte> bytes) = 0;
    /// Collective. Returns the bytes of every rank, by rank, on the root; elsewhere nothing.
    virtual std::vector<std::vector<std::byte>> gather(std::span<const std::byte> bytes) = 0;
    /// Collective, in O(log ranks) steps. `merge` folds another rank's bytes into what `mine` returns
    /// when asked; the root ends with all of them.
    virtual void reduce(
        FunctionRef<std::vector<std::byte>()> mine,
        FunctionRef<void(std::span<const std::byte>)> merge
    ) = 0;

    // ---- Not collective: short messages, which are never waited for.

    /// Communicates. Sends a short message; it is on its way when the call returns.
    virtual void send(int to, std::span<const std::byte> bytes) = 0;
    /// Communicates. Returns the next short message that has arrived, or nothing.
    virtual std::optional<Message> receive() = 0;

    /// Collective, but returns at once: this rank has arrived at a barrier.
    virtual void start_barrier() = 0;
    /// Communicates. Returns whether all ranks have arrived.
    virtual bool test_barrier() = 0;

    /// Communicates. For loops that wait for other ranks: throws where one of them has not been heard of
    /// for longer than the stall timeout, in which this rank has waited `since` then.
    virtual void keep_watch(std::chrono::steady_clock::time_point since) = 0;

    /// The last failure that the ranks agreed on; null for none.
    [[nodiscard]] const RankFailure* last_failure() const noexcept { return last_failure_.get(); }
    void note_failure(const RankFailure& failure);

    /// Returns a number for a batch, the same on all ranks.
    [[nodiscard]] std::uint64_t next_batch() noexcept { return ++n_batches_; }

    /// Communicates. Tells all ranks that this one cannot go on, so that none waits for it. The
    /// communicator is broken then, everywhere.
    virtual void give_up(const std::string& why) noexcept = 0;

protected:
    Communicator(int rank, int size) noexcept : rank_(rank), size_(size) {}
    void set_placement(Placement placement) { placement_ = std::move(placement); }
    [[nodiscard]] std::string_view phase() const noexcept { return phase_; }
    [[nodiscard]] std::string_view node() const noexcept { return node_; }

private:
    int rank_;
    int size_;
    Placement placement_;
    std::string_view phase_ = "start of the run";
    std::string_view node_;
    std::shared_ptr<const RankFailure> last_failure_;
    std::uint64_t n_batches_ = 0;
};

/// The ranks that a graph runs on. A default one is this process alone, and makes no MPI call.
/// @par MPI Local; see `mpi::runtime` for others.
/// @par Threads A value; copies stand for the same ranks.
class KAYGRAPH_EXPORT Runtime {
public:
    Runtime() = default;
    explicit Runtime(std::shared_ptr<Communicator> communicator) noexcept
        : communicator_(std::move(communicator)) {}

    [[nodiscard]] int rank() const noexcept { return communicator_ ? communicator_->rank() : 0; }
    [[nodiscard]] int size() const noexcept { return communicator_ ? communicator_->size() : 1; }
    /// Returns the communicator; null for one rank without MPI.
    [[nodiscard]] Communicator* communicator() const noexcept { return communicator_.get(); }

private:
    std::shared_ptr<Communicator> communicator_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
