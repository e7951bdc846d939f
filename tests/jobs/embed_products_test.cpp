// What a run made is one whole: listed, removed, verified and made again together.
#include "jobs/texts.hpp"

#include "support/machine_files.hpp"
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/jobs/convert.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/jobs/fit_projection.hpp>
#include <kaygraph/jobs/verify.hpp>
#include <kaygraph/parallel/stop.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kaygraph {
namespace {

namespace fs = std::filesystem;
using test::exists;
using test::expect_says;
using test::read_file;
using test::SharedFolder;

void on_root(const std::function<void()>& body) {
    if (test::ranks().rank() == 0) {
        body();
    }
    static_cast<void>(exists("/"));
}

jobs::EmbedResult run(const jobs::EmbedOptions& options) {
    return jobs::embed(options, {.threads = 2, .ranks = test::ranks()});
}

ErrorCode code_of(const jobs::EmbedOptions& options, std::string* text = nullptr) {
    try {
        run(options);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        if (text != nullptr) {
            *text = error.what();
        }
        return error.code();
    }
    return ErrorCode::unknown;
}

/// 300 records, each hundredth broken; with ids, without the rows of rejected ones.
jobs::EmbedOptions with_all_products(const SharedFolder& folder) {
    std::string lines;
    std::size_t n = 0;
    for (const std::string& text : test::some_texts(300, 5)) {
        lines += ++n % 100 == 0
                     ? "{broken\n"
                     : "{\"id\": " + std::to_string(n) + ", \"text\": \"" + text + "\"}\n";
    }
    return {
        .inputs = {folder.write("a.jsonl", lines)},
        .model = "hash:16",
        .out = folder / "out.npy",
        .id_field = "id",
        .on_reject = jobs::OnReject::skip,
        .max_errors = {.count = 3},
        .block = 16};
}

const std::vector<std::string> all_suffixes{"", ".ids.jsonl", ".rows.npy", ".run/rejects.jsonl"};

std::map<std::string, std::string> products_of(const std::string& out) {
    std::map<std::string, std::string> bytes;
    for (const std::string& suffix : all_suffixes) {
        bytes[suffix] = exists(out + suffix) ? read_file(out + suffix) : "none";
    }
    return bytes;
}

jobs::VerifyResult verify(const std::string& out) {
    return jobs::verify({.file = out}, {.ranks = test::ranks()});
}

TEST(EmbedProducts, AreListedAndVerified) {
    const SharedFolder folder;
    const jobs::EmbedOptions options = with_all_products(folder);
    run(options);
    const auto record = runs::RunDirectory{posix_files(), options.out}.read();
    ASSERT_TRUE(record);
    for (const std::string& suffix : all_suffixes) {
        EXPECT_NE(record->product(suffix), nullptr) << suffix;
    }
    EXPECT_TRUE(verify(options.out).is_whole());
    for (const std::string& suffix : all_suffixes) {
        const std::string bytes = read_file(options.out + suffix);
        std::string other = bytes;
        other.back() = static_cast<char>(other.back() ^ 1);
        folder.write("out.npy" + suffix, other);
        const auto found = verify(options.out);
        EXPECT_FALSE(found.is_whole()) << suffix;
        ASSERT_EQ(found.wrong_files.size(), 1U) << suffix;
        expect_says(found.wrong_files[0], options.out + suffix, "other bytes");
        std::string text;  // a complete run was believed by the sizes of its files
        EXPECT_EQ(code_of(options, &text), ErrorCode::malformed) << suffix;
        expect_says(text, options.out + suffix, "--fresh --overwrite");
        folder.write("out.npy" + suffix, bytes + "x");
        if (!suffix.empty()) {
            expect_says(verify(options.out).wrong_files.at(0), "bytes, had");
        }
        EXPECT_EQ(code_of(options), ErrorCode::malformed) << suffix;
        folder.write("out.npy" + suffix, bytes);
    }
    EXPECT_TRUE(verify(options.out).is_whole());
    EXPECT_TRUE(run(options).was_complete);
}

/// Other times and another inode, as of a copy: known by the content, once.
TEST(EmbedProducts, ThatWereCopiedAreTheSame) {
    const SharedFolder folder;
    for (const jobs::OnReject on_reject : {jobs::OnReject::skip, jobs::OnReject::zero_row}) {
        jobs::EmbedOptions options = with_all_products(folder);
        options.on_reject = on_reject;
        options.resume.fresh = true;
        run(options);
        options.resume.fresh = false;
        on_root([&] {
            fs::copy(options.out, options.out + ".copy");
            fs::rename(options.out + ".copy", options.out);
        });
        EXPECT_TRUE(run(options).was_complete);
        const auto record = runs::RunDirectory{posix_files(), options.out}.read();
        ASSERT_TRUE(record);
        EXPECT_EQ(record->product("")->stamp, runs::FileStamp{*posix_files().status(options.out)});
    }
}

/// Asks for a stop where a file of that name is made.
class StoppingFiles final : public test::MachineFiles {
public:
    StoppingFiles(std::string path, StopSource stop)
        : path_(std::move(path)), stop_(std::move(stop)) {}

    std::unique_ptr<File> open(const std::string& path, OpenMode mode) override {
        if (path == path_ && mode != OpenMode::read) {
            stop_.request_stop();
        }
        return posix_files().open(path, mode);
    }

private:
    std::string path_;
    StopSource stop_;
};

/// The pass that makes the output of the whole matrix ran on to its end, whatever was asked for.
TEST(EmbedProducts, AStopWhileTheyAreMadeOfTheWholeMatrixIsHeard) {
    const SharedFolder folder;
    for (const char* name : {"out.npy", "out.txt"}) {
        jobs::EmbedOptions options = with_all_products(folder);
        options.out = folder / name;
        run(options);
        const auto wanted = products_of(options.out);
        options.resume.fresh = true;
        const StopSource stop;
        StoppingFiles files{options.out + ".part", stop};
        options.files = &files;
        try {
            jobs::embed(options, {.threads = 2, .stop = stop.token(), .ranks = test::ranks()});
            ADD_FAILURE() << "it was not stopped: " << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::stopped) << error.what();
        }
        EXPECT_FALSE(exists(options.out));
        EXPECT_FALSE(exists(options.out + ".part"));
        options.resume.fresh = false;
        options.files = nullptr;
        EXPECT_EQ(run(options).n_resumed, 300U);
        EXPECT_EQ(products_of(options.out), wanted) << name;
    }
}

TEST(EmbedProducts, ThatWereLostAreMadeAgainAlone) {
    const SharedFolder folder;
    const jobs::EmbedOptions options = with_all_products(folder);
    run(options);
    const auto wanted = products_of(options.out);
    for (const std::string& suffix : all_suffixes) {
        on_root([&] { fs::remove(options.out + suffix); });
        EXPECT_FALSE(verify(options.out).is_whole()) << suffix;
        const auto done = run(options);
        EXPECT_EQ(products_of(options.out), wanted) << suffix;
        EXPECT_EQ(done.was_complete, !suffix.empty()) << suffix;
        EXPECT_EQ(done.report.find("embed")->counts.visits, suffix.empty() ? 1U : 0U) << suffix;
        EXPECT_EQ(done.rows, 297U);
        EXPECT_TRUE(verify(options.out).is_whole()) << suffix;
        EXPECT_TRUE(run(options).was_complete);
    }
    on_root([&] {
        for (const std::string& suffix : all_suffixes) {
            fs::remove(options.out + suffix);
        }
    });
    run(options);
    EXPECT_EQ(products_of(options.out), wanted);
}

/// A matrix that was lost is made again without the ids, which follow from the records alone.
TEST(EmbedProducts, IdsStandWhereTheMatrixIsMadeAgain) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_all_products(folder);
    options.inputs = {folder.write("b.jsonl", "{\"id\": 1, \"text\": \"a\"}\n")};
    run(options);
    on_root([&] { fs::remove(options.out); });
    const auto done = run(options);
    EXPECT_EQ(done.report.find("embed")->counts.visits, 1U);
    EXPECT_EQ(done.report.find("ids")->counts.visits, 0U);
    EXPECT_TRUE(verify(options.out).is_whole());
    EXPECT_EQ(read_file(options.out + ".ids.jsonl"), "1\n");
}

/// Ids of the old rows stood beside the new ones.
TEST(EmbedProducts, OfTheRunBeforeAreRemovedWithIt) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_all_products(folder);
    run(options);
    options.id_field.reset();
    options.on_reject = jobs::OnReject::zero_row;
    options.inputs = {folder.write("b.jsonl", "{\"text\": \"a\"}\n")};
    EXPECT_EQ(code_of(options), ErrorCode::invalid_argument);
    EXPECT_TRUE(exists(options.out + ".ids.jsonl"));
    options.resume.fresh = true;
    run(options);
    for (const std::string& suffix : all_suffixes) {
        EXPECT_EQ(exists(options.out + suffix), suffix.empty()) << suffix;
    }
    EXPECT_TRUE(verify(options.out).is_whole());
    // what an earlier run of other ranks left does not come back
    options.resume.fresh = false;
    EXPECT_TRUE(run(options).was_complete);
}

/// A run that ended for too many rejects must say which they were.
TEST(EmbedProducts, RejectsAreListedWhereTheyWereTooMany) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_all_products(folder);
    options.max_errors = {.count = 1};
    EXPECT_EQ(code_of(options), ErrorCode::error_budget);
    const std::string rejects = read_file(options.out + ".run/rejects.jsonl");
    EXPECT_GE(std::count(rejects.begin(), rejects.end(), '\n'), 1);
    expect_says(rejects, "\"row\":", "a.jsonl", "{broken");
    EXPECT_FALSE(exists(options.out));
    options.max_errors = {.count = 3};
    EXPECT_EQ(run(options).n_rejected, 3U);
    const std::string all = read_file(options.out + ".run/rejects.jsonl");
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3);
}

TEST(EmbedProducts, ACompleteRunIsHeldToTheBudgetOfToday) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_all_products(folder);
    options.on_reject = jobs::OnReject::zero_row;
    run(options);
    std::string told;
    options.max_errors = {.count = 2};
    EXPECT_EQ(code_of(options, &told), ErrorCode::error_budget);
    expect_says(told, "3 of 300 records", "rejects.jsonl");
    options.max_errors = {.share = 0.009};
    EXPECT_EQ(code_of(options), ErrorCode::error_budget);
    options.max_errors = {.share = 0.01};
    EXPECT_TRUE(run(options).was_complete);
    options.on_reject = jobs::OnReject::error;
    EXPECT_EQ(code_of(options), ErrorCode::error_budget);
    with_all_products(folder
    );  // the input is written again: its content decides, and then the budget
    EXPECT_EQ(code_of(options), ErrorCode::error_budget);
}

TEST(EmbedProducts, AFileThatNoRunMadeStays) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_all_products(folder);
    for (const std::string suffix : {"", ".ids.jsonl", ".rows.npy", ".unfiltered.part"}) {
        folder.write("out.npy" + suffix, "precious");
        std::string told;
        EXPECT_EQ(code_of(options, &told), ErrorCode::invalid_argument) << suffix;
        expect_says(told, "out.npy" + suffix, "--overwrite");
        EXPECT_EQ(read_file(options.out + suffix), "precious");
        EXPECT_FALSE(exists(options.out + ".run"));
        options.resume.fresh = true;
        EXPECT_EQ(code_of(options), ErrorCode::invalid_argument) << suffix;
        options.resume.fresh = false;
        on_root([&] { fs::remove(options.out + suffix); });
    }
    folder.write("out.npy", "precious");
    options.resume.overwrite = true;
    run(options);
    EXPECT_TRUE(verify(options.out).is_whole());
    options.resume.overwrite = false;
    EXPECT_TRUE(run(options).was_complete);
}

/// Nor does one that took the place of what the run made, even where the run is begun anew.
TEST(EmbedProducts, AnotherFileUnderTheNameOfAProductStays) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_all_products(folder);
    options.on_reject =
        jobs::OnReject::zero_row;  // the matrix is written in place: its hashes are the journals'
    run(options);
    const std::string made = read_file(options.out);
    options.resume.fresh = true;
    run(options);  // its own it replaces
    for (const bool has_same_size : {true, false}) {
        std::string precious = made;
        precious[200] = static_cast<char>(precious[200] ^ 1);
        folder.write("out.npy", has_same_size ? precious : "precious");
        EXPECT_EQ(code_of(options), ErrorCode::invalid_argument);
        EXPECT_NE(read_file(options.out), made);
        folder.write("out.npy", made);  // other times, the same bytes: it is what the run made
        run(options);
        EXPECT_EQ(read_file(options.out), made);
    }
    folder.write("out.npy.ids.jsonl", "precious");
    EXPECT_EQ(code_of(options), ErrorCode::invalid_argument);
    options.resume.overwrite = true;
    run(options);
    EXPECT_TRUE(verify(options.out).is_whole());
}

/// A whole that was moved, renamed even, is still one.
TEST(EmbedProducts, MoveTogether) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_all_products(folder);
    run(options);
    on_root([&] {
        fs::create_directory(folder / "b");
        for (const std::string suffix : {"", ".ids.jsonl", ".rows.npy", ".run"}) {
            fs::rename(options.out + suffix, folder / ("b/new.npy" + suffix));
        }
    });
    options.out = folder / "b/new.npy";
    EXPECT_TRUE(verify(options.out).is_whole());
    EXPECT_TRUE(run(options).was_complete);
    options.resume.fresh = true;
    run(options);
    EXPECT_TRUE(verify(options.out).is_whole());
}

/// Text is made of the whole matrix at its end: by any ranks and threads, and a run goes on.
TEST(EmbedProducts, TextIsTheSameForRanksAndThreads) {
    const SharedFolder folder;
    jobs::EmbedOptions options = with_all_products(folder);
    options.inputs.push_back(options.inputs.front());
    options.max_errors = {.count = 6};
    for (const auto type : {ElementType::f32, ElementType::f16, ElementType::i8}) {
        options.type = type;
        std::string wanted;
        for (const std::size_t threads : {1U, 3U}) {
            options.out =
                folder / (std::string{to_string(type)} + std::to_string(threads) + ".txt");
            const auto done = jobs::embed(options, {.threads = threads, .ranks = test::ranks()});
            EXPECT_EQ(done.rows, 594U);
            const std::string text = read_file(options.out);
            wanted = wanted.empty() ? text : wanted;
            EXPECT_TRUE(text == wanted);
            EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 594);
            EXPECT_TRUE(verify(options.out).is_whole());
            EXPECT_TRUE(run(options).was_complete);
        }
    }
    options.out = folder / "late.txt";
    options.type = ElementType::f32;
    options.max_errors = {.count = 4};
    EXPECT_EQ(code_of(options), ErrorCode::error_budget);
    options.max_errors = {.count = 6};
    EXPECT_GT(run(options).n_resumed, 0U);
    EXPECT_TRUE(read_file(options.out) == read_file(folder / "f321.txt"));
}

TEST(FitProjectionRun, KnowsWhatItMade) {
    const SharedFolder folder;
    jobs::EmbedOptions texts = with_all_products(folder);
    run(texts);
    jobs::FitProjectionOptions options{.input = texts.out, .out = folder / "axes.npy", .n_axes = 3};
    const RunOptions with_ranks{.ranks = test::ranks()};
    const auto made = jobs::fit_projection(options, with_ranks);
    EXPECT_FALSE(made.was_complete);
    EXPECT_TRUE(verify(options.out).is_whole());
    const auto again = jobs::fit_projection(options, with_ranks);
    EXPECT_TRUE(again.was_complete);
    EXPECT_EQ(again.explained_shares, made.explained_shares);
    options.n_axes = 2;
    EXPECT_THROW(jobs::fit_projection(options, with_ranks), Error);
    options.resume.fresh = true;
    EXPECT_EQ(jobs::fit_projection(options, with_ranks).explained_shares.size(), 2U);
    folder.write("axes.npy", "precious");
    EXPECT_THROW(jobs::fit_projection(options, with_ranks), Error);
    EXPECT_EQ(read_file(options.out), "precious");
    options.resume.overwrite = true;
    EXPECT_FALSE(jobs::fit_projection(options, with_ranks).was_complete);
}

}  // namespace
}  // namespace kaygraph
