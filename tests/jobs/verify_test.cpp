// What a run directory says is not believed: whoever reads it compares it with what the run can be.
#include "jobs/texts.hpp"

#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/jobs/verify.hpp>
#include <kaygraph/runs/journal.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using runs::Frame;
using runs::FrameKind;
using test::expect_says;
using test::SharedFolder;

constexpr std::uint64_t n_texts = 100;

/// Embeds some texts, of which the tenth is broken.
jobs::EmbedOptions some_run(const SharedFolder& folder, const std::string& out) {
    std::string lines;
    std::size_t n = 0;
    for (const std::string& text : test::some_texts(n_texts, 5)) {
        lines += ++n == 10 ? "{broken\n" : "{\"text\": \"" + text + "\"}\n";
    }
    jobs::EmbedOptions options{
        .inputs = {folder.write("a.jsonl", lines)},
        .model = "hash:32",
        .out = folder / out,
        .on_reject = jobs::OnReject::zero_row,
        .max_errors = {.count = 1},
        .block = 7};
    jobs::embed(options, {.ranks = test::ranks()});
    return options;
}

/// Changes what a run left, on rank 0.
void forge(
    const std::string& out,
    const std::vector<Frame>& frames,
    const std::function<void(runs::RunRecord&)>& change = {}
) {
    if (test::ranks().rank() == 0) {
        runs::RunDirectory directory{posix_files(), out};
        auto record = directory.read();
        ASSERT_TRUE(record);
        if (change) {
            change(*record);
        }
        directory.write(*record);
        for (int rank = 0; rank < record->most_ranks; ++rank) {
            posix_files().remove(directory.journal(rank));
        }
        runs::JournalWriter journal{posix_files(), directory.journal(0), {}};
        for (const Frame& frame : frames) {
            journal.append(frame);
        }
        journal.close();
    }
    test::exists(out);  // all have arrived
}

Frame done(std::uint64_t first, std::uint64_t last) {
    return {.kind = FrameKind::done, .attempt = 1, .first = first, .last = last};
}

/// All who read what the run left must refuse it so.
void expect_refused(const jobs::EmbedOptions& options, const std::string& why) {
    const auto expect = [&](const std::function<void()>& read) {
        try {
            read();
            ADD_FAILURE() << "nothing was thrown";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::malformed) << error.what();
            expect_says(error.what(), why);
        }
    };
    expect([&] { jobs::verify({.file = options.out}, {.ranks = test::ranks()}); });
    jobs::EmbedOptions verified = options;
    verified.resume.verify_all = true;
    expect([&] { jobs::embed(verified, {.ranks = test::ranks()}); });
}

TEST(Verify, ComparesEveryBlock) {
    const SharedFolder folder;
    jobs::EmbedOptions options = some_run(folder, "out.npy");
    for (const auto on_reject : {jobs::OnReject::zero_row, jobs::OnReject::skip}) {
        options.on_reject = on_reject;
        options.resume.fresh = true;
        for (const auto format : {MatrixFormat::npy, MatrixFormat::fvecs}) {
            options.format = format;
            jobs::embed(options, {.ranks = test::ranks()});
            const auto found =
                jobs::verify({.file = options.out}, {.threads = 2, .ranks = test::ranks()});
            EXPECT_TRUE(found.is_complete);
            EXPECT_EQ(found.n_compared, n_texts);
            EXPECT_TRUE(found.damaged.empty());
        }
    }
}

/// The rows before the first one that was left out were copied into a buffer of 2^54 + 1 times 1,024 bytes: of 1,024.
TEST(Verify, ABlockBeyondTheItemsIsNoBlock) {
    const SharedFolder folder;
    const jobs::EmbedOptions options = some_run(folder, "out.npy");
    const Frame rejected{.kind = FrameKind::rejected, .attempt = 1, .first = 9, .last = 10};
    forge(options.out, {rejected, done(0, (std::uint64_t{1} << 54U) + 1)});
    expect_refused(options, "within the 100 of the run");
    forge(options.out, {rejected, done(0, n_texts + 1)});
    expect_refused(options, "within the 100 of the run");
    forge(options.out, {rejected, done(0, n_texts), done(0, n_texts)});
    expect_refused(options, "done twice");
}

TEST(Verify, ARecordThatCountsOtherwiseIsRefused) {
    const SharedFolder folder;
    const jobs::EmbedOptions options = some_run(folder, "out.npy");
    forge(options.out, {done(0, n_texts)});
    expect_refused(options, "1 rejected items, the journals of 0");
    const std::uint64_t huge = std::uint64_t{1} << 54U;
    forge(options.out, {done(0, huge)}, [&](runs::RunRecord& record) {
        record.n_items = huge;
        record.n_rejected = 0;
    });
    expect_refused(options, std::to_string(huge));
}

/// What an unfinished run left is judged before anything of it is looked at or done again.
TEST(Verify, AnUnfinishedRunIsJudgedToo) {
    const SharedFolder folder;
    jobs::EmbedOptions options = some_run(folder, "whole.npy");
    options.out = folder / "out.npy";
    options.max_errors = {.count = 0};
    options.inputs.push_back(options.inputs.front());
    EXPECT_THROW(jobs::embed(options, {.threads = 1, .ranks = test::ranks()}), Error);
    if (!test::exists(options.out + ".part")) {
        GTEST_SKIP() << "nothing was done before the error";
    }
    options.max_errors = {.count = 2};
    forge(options.out, {done(0, 2 * n_texts + 1)});
    expect_refused(options, "within the 200 of the run");
    forge(options.out, {done(0, 2 * n_texts)}, [](runs::RunRecord& record) {
        record.n_items = 2 * n_texts + 1;
    });
    expect_refused(options, "201");
}

}  // namespace
}  // namespace kaygraph
