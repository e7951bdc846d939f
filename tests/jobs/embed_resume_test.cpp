// Runs that end before their end, and go on: the same bytes, whatever ended them, with other ranks, threads and blocks.
#include "jobs/texts.hpp"

#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/jobs/embed.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace kaygraph {
namespace {

using test::exists;
using test::expect_says;
using test::read_file;
using test::SharedFolder;

/// 4,000 records, of which each thousandth is broken.
jobs::EmbedOptions with_records(const SharedFolder& folder, const std::string& out) {
    std::string lines;
    std::size_t n = 0;
    for (const std::string& text : test::some_texts(4000, 5)) {
        lines += ++n % 1000 == 0 ? "{broken\n" : "{\"text\": \"" + text + "\"}\n";
    }
    return {
        .inputs = {folder.write("a.jsonl", lines)},
        .model = "hash:32",
        .out = folder / out,
        .on_reject = jobs::OnReject::zero_row,
        .max_errors = {.count = 4},
        .block = 16};
}

ErrorCode code_of(const jobs::EmbedOptions& options, RunOptions run, std::string* text = nullptr) {
    run.ranks = test::ranks();
    try {
        jobs::embed(options, run);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        if (text != nullptr) {
            *text = error.what();
        }
        return error.code();
    }
    return ErrorCode::unknown;
}

/// Runs into its budget of errors somewhere in the middle.
void fail_in_the_middle(jobs::EmbedOptions options) {
    options.max_errors = {.count = 1};
    EXPECT_EQ(code_of(options, {.threads = 1}), ErrorCode::error_budget);
}

std::string made_at_once(const SharedFolder& folder) {
    jobs::embed(with_records(folder, "wanted.npy"), {.ranks = test::ranks()});
    return read_file(folder / "wanted.npy");
}

TEST(EmbedResume, GoesOnWhereItWasStopped) {
    const SharedFolder folder;
    const std::string wanted = made_at_once(folder);
    jobs::EmbedOptions options = with_records(folder, "out.npy");
    for (unsigned attempt = 1;; ++attempt) {
        options.block = 8 * attempt;
        const StopSource stop;
        std::thread stopper{[&] {
            std::this_thread::sleep_for(std::chrono::milliseconds{attempt});
            stop.request_stop();
        }};
        bool is_complete = true;
        try {
            const auto done = jobs::embed(
                options, {.threads = 1 + attempt % 3, .stop = stop.token(), .ranks = test::ranks()}
            );
            EXPECT_EQ(done.n_rejected, 4U);
            if (!done.was_complete) {  // an attempt that is stopped behind its last step is complete
                EXPECT_LE(done.n_resumed + done.counts.texts, 4000U);
                EXPECT_GE(done.n_resumed + done.counts.texts, 3996U);
            }
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::stopped) << error.what();
            is_complete = false;
        }
        stopper.join();
        if (is_complete) {
            break;
        }
        if (exists(folder / "out.npy")) {  // stopped behind the last of its work
            EXPECT_EQ(read_file(folder / "out.npy"), wanted);
        }
    }
    EXPECT_EQ(read_file(folder / "out.npy"), wanted);
    EXPECT_EQ(
        read_file(folder / "out.npy.run/rejects.jsonl"),
        read_file(folder / "wanted.npy.run/rejects.jsonl")
    );
    EXPECT_FALSE(exists(folder / "out.npy.part"));
}

TEST(EmbedResume, GoesOnWithALargerBudgetOfErrors) {
    const SharedFolder folder;
    const std::string wanted = made_at_once(folder);
    const jobs::EmbedOptions options = with_records(folder, "out.npy");
    fail_in_the_middle(options);
    EXPECT_FALSE(exists(folder / "out.npy"));
    const auto done = jobs::embed(options, {.ranks = test::ranks()});
    EXPECT_GT(done.n_resumed, 0U);
    EXPECT_EQ(done.n_rejected, 4U);
    EXPECT_EQ(read_file(folder / "out.npy"), wanted);
}

TEST(EmbedResume, CountsTheRejectsOfEarlierRuns) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_records(folder, "out.npy");
    fail_in_the_middle(options);
    options.max_errors = {.count = 3};
    EXPECT_EQ(code_of(options, {}), ErrorCode::error_budget);
    EXPECT_EQ(
        code_of(options, {}), ErrorCode::error_budget
    );  // all is done, and still too much was rejected
    options.on_reject = jobs::OnReject::error;
    EXPECT_EQ(code_of(options, {}), ErrorCode::malformed);
    EXPECT_FALSE(exists(folder / "out.npy"));
}

TEST(EmbedResume, DoesWhatWasLostAgain) {
    const SharedFolder folder;
    const std::string wanted = made_at_once(folder);
    jobs::EmbedOptions options = with_records(folder, "out.npy");
    fail_in_the_middle(options);
    if (test::ranks().rank() == 0) {
        std::fstream part{folder / "out.npy.part", std::ios::in | std::ios::out | std::ios::binary};
        part.seekp(128 + 5 * 32 * 4);
        part.write("lost", 4);
    }
    static_cast<void>(exists(folder / "out.npy.part"));  // all have arrived
    options.resume.verify_all = true;
    const auto done = jobs::embed(options, {.ranks = test::ranks()});
    EXPECT_GT(done.n_resumed, 0U);
    EXPECT_EQ(read_file(folder / "out.npy"), wanted);
}

/// A power cut may keep the size of a file, and lose what was in a page.
void lose(const std::string& file, std::int64_t offset, std::size_t n) {
    if (test::ranks().rank() == 0) {
        std::fstream part{file, std::ios::in | std::ios::out | std::ios::binary};
        part.seekp(offset);
        const std::string zeros(n, '\0');
        part.write(zeros.data(), static_cast<std::streamsize>(n));
    }
    static_cast<void>(exists(file));  // all have arrived
}

TEST(EmbedResume, WritesAHeaderThatWasLostAgain) {
    for (const std::string name : {"out.npy", "out.fbin", "out.fvecs"}) {
        const SharedFolder folder;
        jobs::embed(with_records(folder, "wanted" + name), {.ranks = test::ranks()});
        jobs::EmbedOptions options = with_records(folder, name);
        fail_in_the_middle(options);
        lose(options.out + ".part", 0, name == "out.npy" ? 128 : name == "out.fbin" ? 8 : 4);
        options.resume.verify_all = true;
        const auto done = jobs::embed(options, {.ranks = test::ranks()});
        EXPECT_GT(done.n_resumed, 0U) << name;
        EXPECT_EQ(read_file(options.out), read_file(folder / ("wanted" + name))) << name;
    }
}

TEST(EmbedResume, WritesTheHeaderOfARowThatWasLostAgain) {
    const SharedFolder folder;
    jobs::embed(with_records(folder, "wanted.fvecs"), {.ranks = test::ranks()});
    jobs::EmbedOptions options = with_records(folder, "out.fvecs");
    fail_in_the_middle(options);
    constexpr std::int64_t row_bytes = 4 + 32 * 4;
    lose(options.out + ".part", 5 * row_bytes, 4);
    options.resume.verify_all = true;
    const auto done = jobs::embed(options, {.ranks = test::ranks()});
    EXPECT_GT(done.n_resumed, 0U);
    EXPECT_EQ(read_file(options.out), read_file(folder / "wanted.fvecs"));
}

TEST(EmbedResume, BeginsAnewWithoutItsPart) {
    const SharedFolder folder;
    const std::string wanted = made_at_once(folder);
    const jobs::EmbedOptions options = with_records(folder, "out.npy");
    fail_in_the_middle(options);
    if (test::ranks().rank() == 0) {
        std::filesystem::remove(folder / "out.npy.part");
    }
    static_cast<void>(exists(folder / "out.npy.part"));
    const auto done = jobs::embed(options, {.ranks = test::ranks()});
    EXPECT_EQ(done.n_resumed, 0U);
    EXPECT_EQ(read_file(folder / "out.npy"), wanted);
}

TEST(EmbedResume, RefusesAnotherRunAndKnowsACompleteOne) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_records(folder, "out.npy");
    jobs::embed(options, {.ranks = test::ranks()});
    const std::string made = read_file(folder / "out.npy");
    const auto again = jobs::embed(options, {.threads = 2, .ranks = test::ranks()});
    EXPECT_TRUE(again.was_complete);
    EXPECT_EQ(again.rows, 4000U);
    EXPECT_EQ(again.cols, 32U);
    EXPECT_EQ(again.n_rejected, 4U);

    std::string told;
    options.model = "hash:16";
    EXPECT_EQ(code_of(options, {}, &told), ErrorCode::invalid_argument);
    expect_says(told, "model: hash:16, was hash:32", "--fresh");
    options.model = "hash:32";
    options.type = ElementType::f16;
    options.normalize = jobs::Normalize::none;
    EXPECT_EQ(code_of(options, {}, &told), ErrorCode::invalid_argument);
    expect_says(told, "type: f16, was f32", "normalize: none, was model");
    EXPECT_EQ(read_file(folder / "out.npy"), made);

    options = with_records(folder, "out.npy");
    options.resume.fresh = true;
    const auto anew = jobs::embed(options, {.ranks = test::ranks()});
    EXPECT_FALSE(anew.was_complete);
    EXPECT_EQ(read_file(folder / "out.npy"), made);
}

TEST(EmbedResume, RefusesADamagedJournal) {
    const SharedFolder folder;
    const jobs::EmbedOptions options = with_records(folder, "out.npy");
    fail_in_the_middle(options);
    if (test::ranks().rank() == 0) {
        std::fstream journal{
            folder / "out.npy.run/journal.0", std::ios::in | std::ios::out | std::ios::binary};
        journal.seekp(100);
        journal.write("damaged", 7);
    }
    static_cast<void>(exists(folder / "out.npy.part"));
    std::string told;
    EXPECT_EQ(code_of(options, {}, &told), ErrorCode::malformed);
    expect_says(told, "journal.0", "damaged");
    EXPECT_TRUE(exists(folder / "out.npy.part"));
}

}  // namespace
}  // namespace kaygraph
