#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/crash_note.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace kaygraph::runs {
namespace {

using test::Folder;

RunRecord some_record() {
    return {
        .identity = {{"model", "hash:\"8\"\n"}, {"input 0", "a.txt, 5 bytes"}},
        .facts = {{"ranks", "2"}},
        .status = RunStatus::stopped,
        .attempts = 3,
        .most_ranks = 2,
        .n_items = 18446744073709551615U,
        .n_rejected = 4};
}

TEST(RunDirectory, GivesBackItsRecord) {
    const Folder folder;
    RunDirectory directory{posix_files(), folder.file("out.npy")};
    directory.lock();
    EXPECT_FALSE(directory.read());
    const RunRecord written = some_record();
    directory.write(written);
    const auto read = directory.read();
    ASSERT_TRUE(read);
    EXPECT_EQ(read->identity, written.identity);
    EXPECT_EQ(read->facts, written.facts);
    EXPECT_EQ(read->status, written.status);
    EXPECT_EQ(read->attempts, written.attempts);
    EXPECT_EQ(read->most_ranks, written.most_ranks);
    EXPECT_EQ(read->n_items, written.n_items);
    EXPECT_EQ(read->n_rejected, written.n_rejected);
    directory.clear(2);
    EXPECT_FALSE(directory.read());
}

TEST(RunDirectory, IsOfOneRunAtATime) {
    const Folder folder;
    const std::string out = folder.file("out.npy");
    {
        RunDirectory first{posix_files(), out};
        first.lock();
        test::expect_says(
            test::thrown<Error>([&] {
                RunDirectory{posix_files(), out}.lock();
            }),
            "another run works on this output",
            "process " + std::to_string(::getpid())
        );
    }
    RunDirectory{posix_files(), out}.lock();
}

TEST(RunDirectory, NamesEveryDifference) {
    RunRecord now = some_record();
    EXPECT_TRUE(differences(some_record(), now).empty());
    now.identity["model"] = "hash:9";
    now.identity.erase("input 0");
    now.identity["input 1"] = "b.txt";
    const auto lines = differences(some_record(), now);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0], "input 1: b.txt, was not there");
    EXPECT_EQ(lines[1], "model: hash:9, was hash:\"8\"\n");
    EXPECT_EQ(lines[2], "input 0: no longer there, was a.txt, 5 bytes");
}

TEST(RunDirectory, RefusesWhatIsNoRecord) {
    const Folder folder;
    RunDirectory directory{posix_files(), folder.file("out.npy")};
    directory.lock();
    directory.write(some_record());
    const std::string name = "out.npy.run/run.json";
    const std::string good = folder.read(name);
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        folder.write(name, text.replace(at, from.size(), to));
        try {
            static_cast<void>(directory.read());
            return false;
        } catch (const FormatError&) {
            return true;
        }
    };
    EXPECT_TRUE(with("\"format\": 1", "\"format\": 2"));
    EXPECT_TRUE(with("\"format\": 1", "\"format\": -1"));
    EXPECT_TRUE(with("\"stopped\"", "\"sleeping\""));
    EXPECT_TRUE(with("\"most_ranks\": 2", "\"most_ranks\": 4000000000"));
    EXPECT_TRUE(with("\"identity\": {", "\"identity\": [{"));
    EXPECT_TRUE(with("\"ranks\": \"2\"", "\"ranks\": 2"));
    EXPECT_TRUE(with("\"attempts\": 3", "\"attempts\": 3.5"));
    EXPECT_TRUE(with(good, "[]"));
    EXPECT_TRUE(with(good, good.substr(0, good.size() / 2)));
    EXPECT_FALSE(with("stopped", "failed"));
}

TEST(RunHistory, CountsWhatIsDoneAndTellsWhatMayBeLost) {
    const Folder folder;
    RunDirectory directory{posix_files(), folder.file("out.npy")};
    directory.lock();
    {
        JournalWriter journal{posix_files(), directory.journal(0), {}};
        journal.append({.kind = FrameKind::started, .first = 0, .last = 10});
        journal.append({.kind = FrameKind::rejected, .first = 3, .last = 4, .note = "three"});
        journal.append({.kind = FrameKind::done, .first = 0, .last = 10, .hash = {1, 1}});
        journal.append({.kind = FrameKind::synced, .first = 3, .last = 3});
        journal.append({.kind = FrameKind::started, .first = 10, .last = 20});
        journal.append({.kind = FrameKind::done, .first = 10, .last = 20, .hash = {2, 2}});
        journal.close();
        JournalWriter other{
            posix_files(), directory.journal(2), {}};  // rank 1 died before it had one
        other.append({.kind = FrameKind::started, .first = 20, .last = 30});
        other.append({.kind = FrameKind::rejected, .first = 25, .last = 26, .note = "not done"});
        other.close();
    }
    const RunHistory history = directory.history(3);
    EXPECT_EQ(history.done.size(), 20U);
    ASSERT_EQ(history.written.size(), 2U);
    ASSERT_EQ(history.unsynced.size(), 1U);
    EXPECT_EQ(history.unsynced[0].first, 10U);
    EXPECT_EQ(history.rejected, (std::map<std::uint64_t, std::string>{{3, "three"}}));
    ASSERT_EQ(history.ends.size(), 3U);
    EXPECT_EQ(history.ends[1].bytes, 0U);
    EXPECT_EQ(history.ends[2].next_sequence, 2U);
}

TEST(FileIdentity, FollowsFromSizeTimeAndPieces) {
    const Folder folder;
    std::string text(1'000'000, 'x');
    const auto identity = [&] {
        const std::string path = folder.write("a", text);
        std::filesystem::last_write_time(path, {});
        return file_identity(posix_files(), path);
    };
    const std::string before = identity();
    EXPECT_EQ(identity(), before);
    text.back() = 'y';
    EXPECT_NE(identity(), before);
    text.back() = 'x';
    text.front() = 'y';
    EXPECT_NE(identity(), before);
    for (const std::size_t n : {0U, 1U, 4096U, 4097U, 8192U}) {
        text.assign(n, 'z');
        EXPECT_TRUE(identity().starts_with(std::to_string(n) + " bytes")) << n;
    }
}

/// Starts of a run, as their journals tell them.
class Starts {
public:
    void frame(int rank, const Frame& frame) { frames_[rank].push_back(frame); }
    void started(std::uint32_t attempt, std::uint64_t first, std::uint64_t last, int rank = 0) {
        frame(rank, {.kind = FrameKind::started, .attempt = attempt, .first = first, .last = last});
    }
    void alone(std::uint32_t attempt, std::uint64_t item, const std::string& place = "") {
        frame(
            0,
            {.kind = FrameKind::started,
             .attempt = attempt,
             .first = item,
             .last = item + 1,
             .note = alone_note + place}
        );
    }
    void done(std::uint32_t attempt, std::uint64_t first, std::uint64_t last, int rank = 0) {
        frame(rank, {.kind = FrameKind::done, .attempt = attempt, .first = first, .last = last});
    }
    [[nodiscard]] RunHistory history() const {
        const Folder folder;
        const RunDirectory directory{posix_files(), folder.file("out")};
        posix_files().make_directory(directory.path());
        for (const auto& [rank, frames] : frames_) {
            JournalWriter writer{posix_files(), directory.journal(rank), {}};
            for (const Frame& frame : frames) {
                writer.append(frame);
            }
        }
        return directory.history(2);
    }

private:
    std::map<int, std::vector<Frame>> frames_;
};

RangeSet ranges(std::size_t first, std::size_t last) {
    RangeSet set;
    set.add(first, last);
    return set;
}

TEST(Deaths, OneBlamesNobody) {
    Starts starts;
    starts.started(1, 0, 10);
    starts.done(1, 0, 10);
    starts.started(1, 10, 20);
    EXPECT_TRUE(starts.history().suspects.empty());
}

TEST(Deaths, TwoMakeWhatWasInHandSuspect) {
    Starts starts;
    starts.started(1, 10, 20);
    starts.started(1, 30, 40, 1);
    starts.started(2, 15, 25);  // with another block size
    EXPECT_EQ(starts.history().suspects, ranges(15, 20));
    starts.done(2, 15, 25);  // it did not die of that
    EXPECT_TRUE(starts.history().suspects.empty());
}

TEST(Deaths, AnEndInOrderIsNone) {
    Starts starts;
    starts.started(1, 10, 20);
    starts.frame(0, {.kind = FrameKind::drained, .attempt = 1});
    starts.started(2, 10, 20);
    EXPECT_TRUE(starts.history().suspects.empty());
    EXPECT_TRUE(starts.history().fatal.empty());
}

TEST(Deaths, ThreeOfAnItemAloneAreItsFault) {
    Starts starts;
    starts.alone(3, 17);
    starts.alone(4, 17);
    EXPECT_TRUE(starts.history().fatal.empty());
    EXPECT_EQ(starts.history().suspects, ranges(17, 18));
    starts.alone(5, 17);
    EXPECT_EQ(starts.history().fatal, ranges(17, 18));
    EXPECT_TRUE(starts.history().suspects.empty());
}

TEST(Deaths, OfAMachineBlameNobody) {
    Starts starts;
    starts.alone(1, 17, " on a, requeued 0");
    starts.alone(2, 17, " on b, requeued 0");
    starts.alone(3, 17, " on b, requeued 1");
    starts.alone(4, 17, " on b, requeued 2");
    EXPECT_TRUE(starts.history().fatal.empty());
    EXPECT_EQ(starts.history().suspects, ranges(17, 18));
}

TEST(Deaths, ProgressBetweenThemCounts) {
    Starts starts;
    starts.alone(3, 17);
    starts.alone(4, 16);
    starts.done(4, 16, 17);
    starts.alone(4, 17);
    starts.alone(5, 17);
    EXPECT_TRUE(starts.history().fatal.empty());
    starts.alone(6, 17);
    EXPECT_EQ(starts.history().fatal, ranges(17, 18));
}

TEST(Deaths, ACrashBlamesWhatTheThreadWasAt) {
    const Folder folder;
    const RunDirectory directory{posix_files(), folder.file("out")};
    posix_files().make_directory(directory.path());
    note_crash();  // at nothing: nothing
    EXPECT_FALSE(posix_files().status(directory.crashes(1)));
    is_at_items(directory.crashes(1), 1, 20, 30);
    note_crash();
    EXPECT_EQ(directory.history(2).suspects, ranges(20, 30));
    is_at_items(directory.crashes(1), 2, 23, 24);
    note_crash();
    is_at_none();
    note_crash();
    const RunHistory history = directory.history(2);
    EXPECT_EQ(history.fatal, ranges(23, 24));
    EXPECT_EQ(history.suspects.size(), 9U);
}

}  // namespace
}  // namespace kaygraph::runs
