#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/crash_note.hpp>
#include <kaygraph/runs/run_directory.hpp>
#include <kaygraph/runs/run_history.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace kaygraph::runs {
namespace {

using test::Folder;

TEST(RunHistory, CountsWhatIsDoneAndTellsWhatMayBeLost) {
    const Folder folder;
    RunDirectory directory{posix_files(), folder.file("out.npy")};
    directory.lock();
    {
        JournalWriter journal{posix_files(), directory.journal(0), {}};
        journal.append({.kind = FrameKind::started, .attempt = 1, .first = 0, .last = 10});
        journal.append(
            {.kind = FrameKind::rejected, .attempt = 1, .first = 3, .last = 4, .note = "three"}
        );
        journal.append(
            {.kind = FrameKind::done, .attempt = 1, .first = 0, .last = 10, .hash = {1, 1}}
        );
        journal.append({.kind = FrameKind::synced, .attempt = 1, .first = 3, .last = 3});
        journal.append({.kind = FrameKind::started, .attempt = 1, .first = 10, .last = 20});
        journal.append(
            {.kind = FrameKind::done, .attempt = 1, .first = 10, .last = 20, .hash = {2, 2}}
        );
        journal.close();
        JournalWriter other{
            posix_files(), directory.journal(2), {}};  // rank 1 died before it had one
        other.append({.kind = FrameKind::started, .attempt = 1, .first = 20, .last = 30});
        other.append(
            {.kind = FrameKind::rejected, .attempt = 1, .first = 25, .last = 26, .note = "not done"}
        );
        other.close();
    }
    const RunHistory history = read_history(
        posix_files(), directory.path(), {.n_items = 30, .attempts = 1, .most_ranks = 3}
    );
    EXPECT_EQ(history.done.size(), 20U);
    ASSERT_EQ(history.written.size(), 2U);
    ASSERT_EQ(history.unsynced.size(), 1U);
    EXPECT_EQ(history.unsynced[0].first, 10U);
    EXPECT_EQ(history.rejected, (std::map<std::uint64_t, std::string>{{3, "three"}}));
    EXPECT_EQ(history.rejected_undone, (std::map<std::uint64_t, std::string>{{25, "not done"}}));
    ASSERT_EQ(history.ends.size(), 3U);
    EXPECT_EQ(history.ends[1].bytes, 0U);
    EXPECT_EQ(history.ends[2].next_sequence, 2U);
}

/// Journals as somebody may have written them, with the hashes of frames as they should be.
class Forged {
public:
    explicit Forged(RunExtent extent) : extent_(extent) {
        posix_files().make_directory(directory_.path());
    }

    void write(const std::string& path, const std::vector<Frame>& frames) {
        posix_files().remove(path);
        JournalWriter writer{posix_files(), path, {}};
        for (const Frame& frame : frames) {
            writer.append(frame);
        }
        writer.close();
    }
    void journal(const std::vector<Frame>& frames, int rank = 0) {
        write(directory_.journal(rank), frames);
    }
    RunHistory history() const { return read_history(posix_files(), directory_.path(), extent_); }
    void is_refused(const std::vector<Frame>& frames, const std::string& why) {
        journal(frames);
        test::expect_says(test::thrown<FormatError>([&] { history(); }), "journal.0", why);
    }
    [[nodiscard]] const RunDirectory& directory() const { return directory_; }

private:
    Folder folder_;
    RunExtent extent_;
    RunDirectory directory_{posix_files(), folder_.file("out")};
};

Frame done(std::uint64_t first, std::uint64_t last, std::uint32_t attempt = 1) {
    return {.kind = FrameKind::done, .attempt = attempt, .first = first, .last = last};
}

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

TEST(HostileHistory, ItemsAreWithinTheRun) {
    Forged run{{.n_items = 300, .attempts = 1, .most_ranks = 1}};
    // a row of 1,024 bytes times so many items is 1,024 bytes again
    run.is_refused({done(0, (std::uint64_t{1} << 54U) + 1)}, "within the 300 of the run");
    run.is_refused({done(299, 301)}, "[299, 301)");
    run.is_refused({done(most - 1, most)}, "within the 300");
    run.is_refused({done(7, 7)}, "[7, 7)");
    for (const FrameKind kind : {FrameKind::started, FrameKind::rejected, FrameKind::crashed}) {
        run.is_refused({{.kind = kind, .attempt = 1, .first = 300, .last = 301}}, "frame 0");
    }
    run.is_refused({{.kind = FrameKind::rejected, .attempt = 1, .first = 1, .last = 3}}, "an item");
    run.journal({done(0, 300)});
    EXPECT_EQ(run.history().done.size(), 300U);
}

TEST(HostileHistory, StartsAreThoseOfTheRun) {
    Forged run{{.n_items = 300, .attempts = 2, .most_ranks = 1}};
    run.is_refused({done(0, 10, 0)}, "found start 0");
    run.is_refused({done(0, 10, 3)}, "the 2 starts");
    run.is_refused({done(0, 10, 2), done(10, 20, 1)}, "in their order");
    run.is_refused(
        {{.kind = FrameKind::synced, .attempt = 1, .first = most, .last = most}},
        "a frame before it"
    );
}

TEST(HostileHistory, AStartDoesABlockOnce) {
    Forged run{{.n_items = 300, .attempts = 1, .most_ranks = 2}};
    run.is_refused({done(0, 10), done(0, 10)}, "done twice by start 1");
    run.is_refused({done(0, 10), done(9, 12)}, "done twice");
    run.is_refused({done(0, 300), done(5, 6)}, "done twice");
    run.journal({done(0, 10)}, 0);
    run.journal({done(5, 15)}, 1);
    EXPECT_THROW(run.history(), FormatError);
}

/// Blocks that later starts did again need no second look; what is left to look at does not grow with the frames.
TEST(HostileHistory, WorkIsBoundedByTheItems) {
    constexpr std::uint32_t n = 1000;
    Forged run{{.n_items = n, .attempts = n, .most_ranks = 1}};
    std::vector<Frame> frames;
    for (std::uint32_t attempt = 1; attempt <= n; ++attempt) {
        frames.push_back(done(0, n, attempt));
    }
    run.journal(frames);
    EXPECT_EQ(run.history().written.size(), 1U);
    frames.clear();
    for (std::uint32_t attempt = 1; attempt <= n; ++attempt) {  // each has an item of its own
        frames.push_back(done(0, n + 1 - attempt, attempt));
    }
    run.is_refused(frames, "more than 8 times");
}

TEST(HostileHistory, ACrashIsNotedByACrash) {
    Forged run{{.n_items = 300, .attempts = 1, .most_ranks = 1}};
    run.write(run.directory().crashes(0), {done(0, 10)});
    test::expect_says(test::thrown<FormatError>([&] { run.history(); }), "crashes.0");
    run.write(
        run.directory().crashes(0),
        {{.kind = FrameKind::crashed, .attempt = 1, .first = 0, .last = most}}
    );
    test::expect_says(test::thrown<FormatError>([&] { run.history(); }), "within the 300");
}

/// With other blocks a later start did the edges again, and an item that was tried alone lies in a block.
TEST(RunHistory, LaterStartsCountWhereBlocksOverlap) {
    Forged run{{.n_items = 100, .attempts = 3, .most_ranks = 1}};
    const auto rejected = [](std::uint64_t item, std::uint32_t attempt) {
        return Frame{
            .kind = FrameKind::rejected,
            .attempt = attempt,
            .first = item,
            .last = item + 1,
            .note = std::to_string(attempt)};
    };
    run.journal(
        {rejected(3, 1),
         rejected(14, 1),
         done(0, 16),
         rejected(15, 2),
         done(14, 21, 2),
         {.kind = FrameKind::started, .attempt = 3, .first = 30, .last = 31, .note = alone_note},
         done(30, 31, 3),
         done(28, 35, 3)}
    );
    const RunHistory history = run.history();
    EXPECT_EQ(history.done.size(), 21U + 7U);
    EXPECT_EQ(history.written.size(), 3U);
    EXPECT_EQ(history.rejected, (std::map<std::uint64_t, std::string>{{3, "1"}, {15, "2"}}));
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
        return read_history(posix_files(), directory.path(), extent_);
    }

private:
    RunExtent extent_{.n_items = 100, .attempts = 6, .most_ranks = 2};
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
    const RunExtent extent{.n_items = 100, .attempts = 2, .most_ranks = 2};
    note_crash();  // at nothing: nothing
    EXPECT_FALSE(posix_files().status(directory.crashes(1)));
    is_at_items(directory.crashes(1), 1, 20, 30);
    note_crash();
    EXPECT_EQ(read_history(posix_files(), directory.path(), extent).suspects, ranges(20, 30));
    is_at_items(directory.crashes(1), 2, 23, 24);
    note_crash();
    is_at_none();
    note_crash();
    const RunHistory history = read_history(posix_files(), directory.path(), extent);
    EXPECT_EQ(history.fatal, ranges(23, 24));
    EXPECT_EQ(history.suspects.size(), 9U);
}

}  // namespace
}  // namespace kaygraph::runs
