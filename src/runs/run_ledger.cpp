#include <kaygraph/base/check.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/parallel/placement.hpp>
#include <kaygraph/runs/crash_note.hpp>
#include <kaygraph/runs/run_ledger.hpp>

#include <cstdlib>
#include <utility>

namespace kaygraph::runs {
namespace {

constexpr std::chrono::milliseconds longest_unsynced{1000};
constexpr std::uint64_t most_unsynced_bytes = 64'000'000;

/// This machine and this start by a batch system: deaths elsewhere may have been the machine's.
std::string place() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes it here
    const char* restarts = std::getenv("SLURM_RESTART_COUNT");
    return " on " + this_place().host + ", requeued " + (restarts == nullptr ? "0" : restarts);
}

}  // namespace

RunLedger::RunLedger(
    FileSystem& files,
    std::shared_ptr<DurableSink> sink,
    Durability durability,
    Describe describe
)
    : files_(files),
      sink_(std::move(sink)),
      durability_(durability),
      describe_(std::move(describe)) {}

RunLedger::~RunLedger() {
    stop_syncing();
}

void RunLedger::begin(
    const std::string& journal,
    const JournalEnd& end,
    RangeSet done,
    std::uint32_t attempt,
    const std::string& crashes
) {
    KAYGRAPH_ASSERT(journal_ == nullptr, "a ledger begins once");
    journal_ = std::make_unique<JournalWriter>(files_, journal, end);
    done_ = std::move(done);
    attempt_ = attempt;
    crashes_ = crashes;
    alone_ = alone_note + place();
    if (durability_ == Durability::batch) {
        syncer_ = std::thread{[this] {
            keep_syncing();
        }};
    }
}

void RunLedger::end(FrameKind last) {
    if (journal_ == nullptr) {
        return;
    }
    stop_syncing();
    raise_sync_error();
    if (last == FrameKind::closed) {  // the sink has put all onto the device
        journal_->append(
            {.kind = FrameKind::synced,
             .attempt = attempt_,
             .first = journal_->next_sequence(),
             .last = journal_->next_sequence()}
        );
    } else if (durability_ != Durability::none) {
        sync_now();
        raise_sync_error();
    }
    journal_->append({.kind = last, .attempt = attempt_});
    if (durability_ != Durability::none) {
        journal_->sync();
    }
    journal_->close();
    journal_.reset();
}

bool RunLedger::is_done(const Block& block) {
    return done_.contains(block.first, block.first + block.count);
}

void RunLedger::started(const Block& block) {
    start(block.first, block.first + block.count, "");
}

void RunLedger::started_alone(std::uint64_t item) {
    start(item, item + 1, alone_);
}

void RunLedger::start(std::uint64_t first, std::uint64_t last, const std::string& note) {
    raise_sync_error();
    journal_->append(
        {.kind = FrameKind::started,
         .attempt = attempt_,
         .first = first,
         .last = last,
         .note = note}
    );
    is_at_items(crashes_, attempt_, first, last);
}

void RunLedger::done(const Block& block, const BlockOutput& output) {
    is_at_none();
    const Hash128 hash = sink_->take_hash(block);
    if (durability_ == Durability::block) {
        sink_->sync();
    }
    const std::uint64_t sequence = journal_->append(
        {.kind = FrameKind::done,
         .attempt = attempt_,
         .first = block.first,
         .last = block.first + block.count,
         .hash = hash}
    );
    if (durability_ == Durability::block) {
        journal_->append(
            {.kind = FrameKind::synced,
             .attempt = attempt_,
             .first = sequence + 1,
             .last = sequence + 1}
        );
        journal_->sync();
        return;
    }
    const std::lock_guard lock{mutex_};
    unsynced_bytes_ += output.bytes.size();
    if (unsynced_bytes_ >= most_unsynced_bytes) {
        wake_.notify_one();
    }
}

void RunLedger::rejected(const Block& block, const Failure& failure) {
    static_cast<void>(block);
    const auto item = static_cast<std::uint64_t>(failure.item);
    journal_->append(
        {.kind = FrameKind::rejected,
         .attempt = attempt_,
         .first = item,
         .last = item + 1,
         .note = describe_(failure)}
    );
}

/// What was done before the sync is on the device after it.
void RunLedger::sync_now() {
    const std::exception_ptr error = caught([&] {
        const std::uint64_t sequence = journal_->next_sequence();
        sink_->sync();
        journal_->append(
            {.kind = FrameKind::synced, .attempt = attempt_, .first = sequence, .last = sequence}
        );
        journal_->sync();
    });
    if (error) {
        const std::lock_guard lock{mutex_};
        sync_error_ = error;
        has_failed_ = true;
    }
}

void RunLedger::keep_syncing() {
    std::unique_lock lock{mutex_};
    while (!is_ending_ && !has_failed_) {
        wake_.wait_for(lock, longest_unsynced, [&] {
            return is_ending_ || unsynced_bytes_ >= most_unsynced_bytes;
        });
        if (!is_ending_ && unsynced_bytes_ > 0) {
            unsynced_bytes_ = 0;
            lock.unlock();
            sync_now();
            lock.lock();
        }
    }
}

void RunLedger::stop_syncing() {
    {
        const std::lock_guard lock{mutex_};
        is_ending_ = true;
    }
    wake_.notify_one();
    if (syncer_.joinable()) {
        syncer_.join();
    }
}

/// A failed sync is final: nobody knows what the file holds.
void RunLedger::raise_sync_error() {
    if (has_failed_) {
        const std::lock_guard lock{mutex_};
        std::rethrow_exception(sync_error_);
    }
}

}  // namespace kaygraph::runs
