#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/range_set.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/parallel/sink.hpp>
#include <kaygraph/runs/journal.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

/// @file
/// The ledger that a batch node takes so that a run can go on after whatever ended it.

#pragma GCC visibility push(hidden)

namespace kaygraph::runs {

/// A sink for a file that may be finished by a later process.
class KAYGRAPH_EXPORT DurableSink : public Sink {
public:
    /// Returns the hash of the bytes that `write` put into the file for a block, once.
    /// @par Threads The worker that wrote the block.
    [[nodiscard]] virtual Hash128 take_hash(const Block& block) = 0;
    /// Puts all that was written onto the device; beside writes.
    virtual void sync() = 0;
};

/// When written blocks are put onto the device. A killed process loses nothing either way; this is about power cuts.
enum class Durability : std::uint8_t {
    none,   ///< when the system likes, and at the end of the run
    batch,  ///< every second, or 64 MB, whichever comes first
    block,  ///< every block, before it counts as done
};

/// Writes down what a rank does, and knows what was done before.
///
/// A thread of its own syncs the output beside the workers, from the first block on.
/// @par MPI Local; no call of MPI.
/// @par Threads As Ledger; `begin` and `end` by one, with no worker at work.
class KAYGRAPH_EXPORT RunLedger final : public Ledger {
public:
    /// Returns what the journal keeps of an item that failed for good.
    using Describe = std::function<std::string(const Failure&)>;

    RunLedger(
        FileSystem& files,
        std::shared_ptr<DurableSink> sink,
        Durability durability,
        Describe describe
    );
    RunLedger(const RunLedger&) = delete;
    RunLedger& operator=(const RunLedger&) = delete;
    /// Ends the thread; writes nothing.
    ~RunLedger() override;

    /// Opens the journal of this rank. `done`: items that need not be done again. `attempt`: which start of the run
    /// this is. `crashes`: where a crash is noted, see note_crash.
    void begin(
        const std::string& journal,
        const JournalEnd& end,
        RangeSet done,
        std::uint32_t attempt,
        const std::string& crashes
    );
    /// Some items were done after all, by whomever.
    void add_done(const RangeSet& items) { done_.add(items); }
    /// As `started`, for one item that nothing else of the run is beside: what ends the process now is its fault.
    void started_alone(std::uint64_t item);
    /// Ends the journal with a last frame (drained, closed). Where the batch ran to its end, its sink was finished before.
    /// Not begun: nothing. @throws what the sync of the output threw.
    void end(FrameKind last);

    bool is_done(const Block& block) override;
    void started(const Block& block) override;
    void done(const Block& block, const BlockOutput& output) override;
    void rejected(const Block& block, const Failure& failure) override;

private:
    void start(std::uint64_t first, std::uint64_t last, const std::string& note);
    void sync_now();
    void keep_syncing();
    void stop_syncing();
    void raise_sync_error();

    FileSystem& files_;
    std::shared_ptr<DurableSink> sink_;
    Durability durability_;
    Describe describe_;
    RangeSet done_;
    std::uint32_t attempt_ = 0;
    std::string crashes_;
    std::string alone_;  // the note of an item alone, here
    std::unique_ptr<JournalWriter> journal_;

    std::mutex mutex_;  // of the thread's state, below
    std::condition_variable wake_;
    std::uint64_t unsynced_bytes_ = 0;
    bool is_ending_ = false;
    std::exception_ptr sync_error_;
    std::atomic<bool> has_failed_{false};
    std::thread syncer_;
};

}  // namespace kaygraph::runs

#pragma GCC visibility pop
