#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/journal.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace kaygraph::runs {
namespace {

using test::Folder;

std::vector<Frame> some_frames() {
    return {
        {.kind = FrameKind::started, .attempt = 1, .first = 0, .last = 64},
        {.kind = FrameKind::rejected, .attempt = 1, .first = 7, .last = 8, .note = "not UTF-8"},
        {.kind = FrameKind::done, .attempt = 1, .first = 0, .last = 64, .hash = {1, 2}},
        {.kind = FrameKind::synced, .attempt = 1, .first = 3, .last = 3},
        {.kind = FrameKind::closed, .attempt = 1}};
}

/// Writes frames; returns where each one ends.
std::vector<std::uint64_t> write_journal(
    const std::string& path,
    const std::vector<Frame>& frames
) {
    JournalWriter writer{posix_files(), path, {}};
    std::vector<std::uint64_t> ends;
    for (const Frame& frame : frames) {
        EXPECT_EQ(writer.append(frame), ends.size());
        ends.push_back(std::filesystem::file_size(path));
    }
    writer.close();
    return ends;
}

JournalRead read_frames(const std::string& path, std::vector<Frame>& frames) {
    frames.clear();
    return read_journal(posix_files(), path, [&](const Frame& frame) { frames.push_back(frame); });
}

TEST(Journal, GivesBackWhatWasWritten) {
    const Folder folder;
    const std::string path = folder.file("journal.0");
    const std::vector<Frame> written = some_frames();
    const std::vector<std::uint64_t> ends = write_journal(path, written);
    std::vector<Frame> read;
    const JournalRead result = read_frames(path, read);
    EXPECT_EQ(result.end.bytes, ends.back());
    EXPECT_EQ(result.end.next_sequence, written.size());
    EXPECT_EQ(result.torn_bytes, 0U);
    ASSERT_EQ(read.size(), written.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
        EXPECT_EQ(read[i].sequence, i);
        EXPECT_EQ(read[i].kind, written[i].kind);
        EXPECT_EQ(read[i].first, written[i].first);
        EXPECT_EQ(read[i].last, written[i].last);
        EXPECT_EQ(read[i].hash, written[i].hash);
        EXPECT_EQ(read[i].note, written[i].note);
    }
}

TEST(Journal, ThatIsNotThereIsEmpty) {
    const Folder folder;
    std::vector<Frame> frames;
    EXPECT_EQ(read_frames(folder.file("none"), frames).end.bytes, 0U);
    EXPECT_TRUE(frames.empty());
}

TEST(Journal, TornAnywhereKeepsTheFramesBefore) {
    const Folder folder;
    const std::string path = folder.file("journal.0");
    const std::vector<std::uint64_t> ends = write_journal(path, some_frames());
    for (std::uint64_t cut = 0; cut < ends.back(); ++cut) {
        const std::string torn = folder.file("torn");
        std::filesystem::copy_file(path, torn, std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(torn, cut);
        std::vector<Frame> frames;
        const JournalRead read = read_frames(torn, frames);
        const auto n_whole = static_cast<std::size_t>(
            std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin()
        );
        ASSERT_EQ(frames.size(), n_whole) << cut;
        ASSERT_EQ(read.torn_bytes, cut - (n_whole == 0 ? 0 : ends[n_whole - 1])) << cut;

        // and goes on behind them
        JournalWriter writer{posix_files(), torn, read.end};
        EXPECT_EQ(writer.append({.kind = FrameKind::drained}), n_whole);
        writer.close();
        EXPECT_EQ(read_frames(torn, frames).torn_bytes, 0U);
        ASSERT_EQ(frames.size(), n_whole + 1);
        EXPECT_EQ(frames.back().kind, FrameKind::drained);
    }
}

TEST(Journal, DamagedInTheMiddleIsRefused) {
    const Folder folder;
    const std::string path = folder.file("journal.0");
    const std::vector<std::uint64_t> ends = write_journal(path, some_frames());
    const std::string whole = folder.read("journal.0");
    for (std::size_t at = 0; at < ends[3]; ++at) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        folder.write("damaged", damaged);
        const auto frame =
            static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), at) - ends.begin());
        const std::uint64_t offset = frame == 0 ? 0 : ends[frame - 1];
        std::vector<Frame> frames;
        try {
            read_frames(folder.file("damaged"), frames);
            FAIL() << "byte " << at;
        } catch (const FormatError& error) {
            ASSERT_EQ(error.context().offset, static_cast<std::int64_t>(offset)) << at;
        }
    }
}

TEST(Journal, OfAnotherKindOrOrderIsRefused) {
    const Folder folder;
    const std::string path = folder.file("journal.0");
    write_journal(path, {{.kind = static_cast<FrameKind>(99)}});
    std::vector<Frame> frames;
    test::expect_says(test::thrown<Error>([&] { read_frames(path, frames); }), "kind 99");
    JournalWriter writer{posix_files(), folder.file("skips"), {.bytes = 0, .next_sequence = 5}};
    writer.append({.kind = FrameKind::done});
    writer.close();
    test::expect_says(
        test::thrown<Error>([&] { read_frames(folder.file("skips"), frames); }),
        "expected frame 0",
        "frame 5"
    );
    write_journal(folder.file("back"), {{.kind = FrameKind::done, .first = 9, .last = 8}});
    test::expect_says(
        test::thrown<Error>([&] { read_frames(folder.file("back"), frames); }),
        "end before they begin"
    );
}

TEST(Journal, OfAMillionBytesIsReadInParts) {
    const Folder folder;
    const std::string path = folder.file("journal.0");
    JournalWriter writer{posix_files(), path, {}};
    constexpr std::size_t n = 40;
    for (std::size_t i = 0; i < n; ++i) {
        writer.append(
            {.kind = FrameKind::rejected,
             .first = i,
             .last = i + 1,
             .note = std::string(300'000 + i, 'x')}
        );
    }
    writer.close();
    std::vector<Frame> frames;
    EXPECT_EQ(read_frames(path, frames).end.next_sequence, n);
    EXPECT_EQ(frames.back().note.size(), 300'000 + n - 1);
}

}  // namespace
}  // namespace kaygraph::runs
