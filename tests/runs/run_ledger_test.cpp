#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/run_directory.hpp>
#include <kaygraph/runs/run_ledger.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace kaygraph::runs {
namespace {

using test::Folder;

/// A sink that writes nowhere, counts its syncs, and fails one of them.
class CountingSink final : public DurableSink {
public:
    void open(const SinkShape& /*shape*/) override {}
    void write(const Block& /*block*/, const BlockOutput& /*output*/) override {}
    void finish() override {}
    Hash128 take_hash(const Block& block) override { return {block.index, 1}; }
    void sync() override {
        if (n_syncs++ == fails_at) {
            throw IoError(ErrorCode::io, "cannot sync", {.file = "out.npy.part"});
        }
    }

    std::atomic<int> n_syncs{0};
    int fails_at = -1;
};

std::string message_of(const Failure& failure) {
    return failure.message;
}

struct LedgerRun {
    Folder folder;
    RunDirectory directory{posix_files(), folder.file("out")};
    std::shared_ptr<CountingSink> sink = std::make_shared<CountingSink>();

    LedgerRun() { directory.lock(); }
    RunLedger ledger(Durability durability) {
        return {posix_files(), sink, durability, message_of};
    }
    [[nodiscard]] RunHistory history() const {
        return read_history(
            posix_files(), directory.path(), {.n_items = 1'000'000, .attempts = 1, .most_ranks = 1}
        );
    }
};

Block block_of(std::size_t index) {
    return {index, index * 10, 10};
}

TEST(RunLedger, KnowsBlocksOfAnySizeByTheirItems) {
    LedgerRun run;
    RunLedger ledger = run.ledger(Durability::none);
    RangeSet done;
    done.add(0, 25);
    done.add(30, 40);
    ledger.begin(run.directory.journal(0), {}, done, 2, run.directory.crashes(0));
    EXPECT_TRUE(ledger.is_done(block_of(0)));
    EXPECT_TRUE(ledger.is_done(block_of(1)));
    EXPECT_FALSE(ledger.is_done(block_of(2)));  // half of it
    EXPECT_TRUE(ledger.is_done(block_of(3)));
    EXPECT_FALSE(ledger.is_done(block_of(4)));
    EXPECT_TRUE(ledger.is_done({0, 3, 22}));
    EXPECT_FALSE(ledger.is_done({0, 25, 1}));
    ledger.end(FrameKind::drained);
}

TEST(RunLedger, WritesDownWhatItIsTold) {
    for (const Durability durability : {Durability::none, Durability::batch, Durability::block}) {
        LedgerRun run;
        {
            RunLedger ledger = run.ledger(durability);
            ledger.begin(run.directory.journal(0), {}, {}, 1, run.directory.crashes(0));
            ledger.started(block_of(0));
            ledger.rejected(block_of(0), {.item = 4, .message = "bad"});
            ledger.done(block_of(0), {});
            ledger.started(block_of(1));  // and is killed
        }
        const RunHistory history = run.history();
        EXPECT_EQ(history.done.size(), 10U);
        ASSERT_EQ(history.written.size(), 1U);
        EXPECT_EQ(history.written[0].hash, (Hash128{0, 1}));
        EXPECT_EQ(history.rejected.at(4), "bad");
        EXPECT_EQ(history.unsynced.size(), durability == Durability::block ? 0U : 1U);
        EXPECT_EQ(run.sink->n_syncs, durability == Durability::block ? 1 : 0);
    }
}

TEST(RunLedger, HasEverythingOnTheDeviceAtItsEnd) {
    for (const FrameKind last : {FrameKind::drained, FrameKind::closed}) {
        LedgerRun run;
        RunLedger ledger = run.ledger(Durability::batch);
        ledger.begin(run.directory.journal(0), {}, {}, 1, run.directory.crashes(0));
        for (std::size_t i = 0; i < 5; ++i) {
            ledger.started(block_of(i));
            ledger.done(block_of(i), {});
        }
        ledger.end(last);
        EXPECT_EQ(
            run.sink->n_syncs, last == FrameKind::drained ? 1 : 0
        );  // the sink's finish() was the other's
        EXPECT_TRUE(run.history().unsynced.empty());
    }
}

TEST(RunLedger, SyncsBesideTheWorkersAfterManyBytes) {
    LedgerRun run;
    RunLedger ledger = run.ledger(Durability::batch);
    ledger.begin(run.directory.journal(0), {}, {}, 1, run.directory.crashes(0));
    const std::vector<std::byte> bytes(40'000'000);
    for (std::size_t i = 0; i < 2; ++i) {
        ledger.started(block_of(i));
        ledger.done(block_of(i), {.bytes = bytes});
    }
    while (run.sink->n_syncs == 0) {
        std::this_thread::yield();
    }
    ledger.end(FrameKind::drained);
    EXPECT_TRUE(run.history().unsynced.empty());
}

TEST(RunLedger, TellsOfAFailedSyncAndNeverSyncsAgain) {
    LedgerRun run;
    run.sink->fails_at = 0;
    RunLedger ledger = run.ledger(Durability::batch);
    ledger.begin(run.directory.journal(0), {}, {}, 1, run.directory.crashes(0));
    ledger.started(block_of(0));
    const std::vector<std::byte> bytes(70'000'000);
    ledger.done(block_of(0), {.bytes = bytes});
    while (run.sink->n_syncs == 0) {
        std::this_thread::yield();
    }
    const std::string told = test::thrown<IoError>([&] {
        for (std::size_t i = 1;; ++i) {  // the thread may not have told yet
            ledger.started(block_of(i));
        }
    });
    test::expect_says(told, "cannot sync", "out.npy.part");
    test::expect_says(
        test::thrown<IoError>([&] { ledger.end(FrameKind::drained); }), "cannot sync"
    );
    EXPECT_EQ(run.sink->n_syncs, 1);
    EXPECT_EQ(run.history().unsynced.size(), 1U);
}

TEST(RunLedger, TakesWordsFromManyWorkers) {
    LedgerRun run;
    RunLedger ledger = run.ledger(Durability::batch);
    ledger.begin(run.directory.journal(0), {}, {}, 1, run.directory.crashes(0));
    constexpr std::size_t n_workers = 4;
    constexpr std::size_t n_blocks = 500;
    std::vector<std::thread> workers;
    for (std::size_t w = 0; w < n_workers; ++w) {
        workers.emplace_back([&ledger, w] {
            for (std::size_t i = w; i < n_blocks; i += n_workers) {
                ledger.started(block_of(i));
                ledger.done(block_of(i), {});
            }
        });
    }
    for (std::thread& worker : workers) {
        worker.join();
    }
    ledger.end(FrameKind::closed);
    const RunHistory history = run.history();
    EXPECT_EQ(history.done.size(), n_blocks * 10);
    EXPECT_EQ(history.done.ranges().size(), 1U);
    EXPECT_EQ(history.ends[0].next_sequence, 2 * n_blocks + 2);
}

}  // namespace
}  // namespace kaygraph::runs
