// A run knows its inputs and models by their content, wherever they are and whenever they were touched.

#include "jobs/texts.hpp"

#include "support/packed.hpp"
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

namespace kaygraph {
namespace {

namespace fs = std::filesystem;
using test::expect_says;
using test::SharedFolder;

/// Does something with files on rank 0; all have seen it when it returns.
void on_root(const std::function<void()>& body) {
    if (test::ranks().rank() == 0) {
        body();
    }
    static_cast<void>(test::exists("/"));
}

jobs::EmbedResult run(const jobs::EmbedOptions& options) {
    return jobs::embed(options, {.threads = 2, .ranks = test::ranks()});
}

void expect_another_run(const jobs::EmbedOptions& options, const std::string& file) {
    try {
        run(options);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
        expect_says(error.what(), "this output belongs to another run", file);
    }
}

/// Every way of reading texts: it is hashed as it is counted.
class Content : public ::testing::TestWithParam<const char*> {
protected:
    /// About 700 KB, so that there are several pieces.
    [[nodiscard]] std::string content(char changed = 'x') const {
        std::string lines;
        for (const std::string& text : test::some_texts(4000, 7)) {
            lines += "{\"text\": \"" + text + " " + std::string(100, 'x') + "\"}\n";
        }
        for (std::size_t at = 500'000;; ++at) {  // in the middle of some text
            if (lines.compare(at, 20, std::string(20, 'x')) == 0) {
                lines[at + 10] = changed;
                break;
            }
        }
        const std::string name = GetParam();
        return test::compress(
            lines,
            name.ends_with(".gz")    ? Compression::gzip
            : name.ends_with(".zst") ? Compression::zstd
                                     : Compression::none
        );
    }
};

TEST_P(Content, DecidesWhereTheStampIsAnother) {
    const SharedFolder folder;
    const std::string name = GetParam();
    const std::string original = content();
    jobs::EmbedOptions options{
        .inputs = {folder.write(name, original)},
        .whole_files = name == "whole.txt",
        .model = "hash:8",
        .out = folder / "out.npy"};
    run(options);
    const fs::path input = options.inputs.front();
    const auto modified = fs::last_write_time(input);

    // touched, copied over, moved, by another way
    on_root([&] { fs::last_write_time(input, modified + std::chrono::hours{1}); });
    EXPECT_TRUE(run(options).was_complete);
    folder.write(name, original);
    EXPECT_TRUE(run(options).was_complete);
    on_root([&] {
        fs::create_directory(folder / "elsewhere");
        fs::rename(input, folder / ("elsewhere/" + name));
    });
    options.inputs = {folder / ("elsewhere/../elsewhere/" + name)};
    EXPECT_TRUE(run(options).was_complete);

    // other bytes under the old size and time
    const std::string changed = content('z');
    const bool has_same_size = changed.size() == original.size();
    folder.write("elsewhere/" + name, changed);
    on_root([&] { fs::last_write_time(options.inputs.front(), modified); });
    expect_another_run(options, name);
    EXPECT_TRUE(has_same_size || name.find("jsonl.") != std::string::npos);
    folder.write("elsewhere/" + name, original);
    EXPECT_TRUE(run(options).was_complete);
}

INSTANTIATE_TEST_SUITE_P(
    Inputs,
    Content,
    ::testing::Values("lines.txt", "a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "whole.txt")
);

TEST(EmbedContent, OfAnUnfinishedRunGoesOnWithAMovedInput) {
    const SharedFolder folder;
    std::string lines;
    std::size_t n = 0;
    for (const std::string& text : test::some_texts(2000, 5)) {
        lines += ++n % 1000 == 0 ? "{broken\n" : "{\"text\": \"" + text + "\"}\n";
    }
    jobs::EmbedOptions options{
        .inputs = {folder.write("a.jsonl", lines)},
        .model = "hash:32",
        .out = folder / "out.npy",
        .on_reject = jobs::OnReject::zero_row,
        .max_errors = {.count = 0},
        .block = 16};
    EXPECT_THROW(run(options), Error);
    options.max_errors = {.count = 2};
    on_root([&] { fs::rename(folder / "a.jsonl", folder / "b.jsonl"); });
    std::string changed = lines;
    changed[changed.find("{\"text") + 12] ^= 1;
    options.inputs = {folder.write("c.jsonl", changed)};
    expect_another_run(options, "c.jsonl");
    options.inputs = {folder / "b.jsonl"};
    const auto done = run(options);
    EXPECT_GT(done.n_resumed, 0U);
    EXPECT_EQ(done.rows, 2000U);
}

TEST(EmbedContent, OrderAndNumberOfInputsCount) {
    const SharedFolder folder;
    const std::string a = folder.write("a.txt", "one\n");
    const std::string b = folder.write("b.txt", "two\n");
    jobs::EmbedOptions options{.inputs = {a, b}, .model = "hash:8", .out = folder / "out.npy"};
    run(options);
    options.inputs = {b, a};
    expect_another_run(options, "other bytes");
    options.inputs = {a};
    expect_another_run(options, "input files: 1, were 2");
    options.inputs = {folder.write("c.txt", "one\n"), folder.write("d.txt", "two\n")};
    EXPECT_TRUE(run(options).was_complete);
}

/// Word vectors: a model of one file.
TEST(EmbedContent, OfModelsCountsAlike) {
    const SharedFolder folder;
    const std::string vectors = "2 3\none 1 2 3\ntwo 4 5 6\n";
    jobs::EmbedOptions options{
        .inputs = {folder.write("a.txt", "one two\n")},
        .model = "vec:" + folder.write("m.vec", vectors),
        .out = folder / "out.npy"};
    run(options);
    folder.write("m.vec", vectors);
    EXPECT_TRUE(run(options).was_complete);
    options.model = "vec:" + folder.write("moved.vec", vectors);
    EXPECT_TRUE(run(options).was_complete);
    const auto modified = fs::last_write_time(folder / "moved.vec");
    folder.write("moved.vec", "2 3\none 1 2 3\ntwo 4 5 7\n");
    on_root([&] { fs::last_write_time(folder / "moved.vec", modified); });
    expect_another_run(options, "model 0");
    options.model = "hash:3";
    expect_another_run(options, "model: hash:3, was vec");
    options.model = "vec:" + (folder / "m.vec");
    options.project =
        folder.write("p.fbin", std::string("\3\0\0\0\1\0\0\0", 8) + std::string(12, 0));
    expect_another_run(options, "projection files: 1, were 0");
}

/// What was trusted before is not read again to know that all is done.
TEST(EmbedContent, IsNotLookedAtWhereNothingChanged) {
    const SharedFolder folder;
    jobs::EmbedOptions options{
        .inputs = {folder.write("a.txt", "one\ntwo\n")},
        .model = "hash:8",
        .out = folder / "o.npy"};
    run(options);
    const auto again = run(options);
    EXPECT_TRUE(again.was_complete);
    EXPECT_EQ(again.report.find("count")->counts.visits, 0U);
    folder.write("a.txt", "one\ntwo\n");
    EXPECT_EQ(run(options).report.find("count")->counts.visits, 1U);
    EXPECT_EQ(run(options).report.find("count")->counts.visits, 0U);  // the new stamp is known now
}

/// A run of the first version kept no hashes: it is refused, with the remedy.
TEST(EmbedContent, OfAnOldRunIsNotKnown) {
    const SharedFolder folder;
    jobs::EmbedOptions options{
        .inputs = {folder.write("a.txt", "one\n")}, .model = "hash:8", .out = folder / "o.npy"};
    run(options);
    folder.write(
        "o.npy.run/run.json",
        R"({"format": 1, "status": "complete", "attempts": 1, "most_ranks": 9, "items": 1, "rejected": 0,
            "identity": {"job": "embed", "format": "npy", "type": "f32", "model": "hash:8", "rejected rows": "kept",
            "input 000000000": "a.txt, lines, 4 bytes"}, "facts": {"output bytes": "160"}})"
    );
    try {
        run(options);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        expect_says(error.what(), "an earlier version", "--fresh");
    }
    options.resume.fresh = true;
    EXPECT_FALSE(run(options).was_complete);
}

}  // namespace
}  // namespace kaygraph
