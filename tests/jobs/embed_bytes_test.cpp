// The central promise of the job: the same bytes for any ranks, threads, block sizes and compression, and
// they are those of a reference that embeds one text after another.
#include "jobs/texts.hpp"

#include "support/packed.hpp"
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/kernels/convert.hpp>
#include <kaygraph/models/embedder.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kaygraph {
namespace {

using test::as_lines;
using test::expect_says;
using test::gzip;
using test::SharedFolder;
using test::some_texts;
using test::thrown;
using test::zstd;

jobs::EmbedResult embed(jobs::EmbedOptions options, std::optional<std::size_t> threads = {}) {
    options.resume.fresh = true;  // tests write one output again and again
    try {
        return jobs::embed(options, {.threads = threads, .ranks = test::ranks()});
    } catch (const DistributedError& error) {
        if (error.code() == ErrorCode::malformed) {
            throw FormatError(error.code(), error.what());
        }
        if (error.code() == ErrorCode::io) {
            throw IoError(error.code(), error.what());
        }
        if (error.code() == ErrorCode::invalid_argument) {
            throw ArgumentError(error.what());
        }
        throw;
    }
}

/// One text after another, each in a call of its own.
std::vector<float> reference(const std::vector<std::string>& texts, const std::string& model) {
    const auto embedder = models::open_embedder(model);
    std::vector<float> rows(texts.size() * embedder->dimension());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::string_view text = texts[i];
        const auto scratch = embedder->make_scratch();
        embedder->embed(
            {&text, 1},
            {rows.data() + i * embedder->dimension(), 1, embedder->dimension()},
            *scratch
        );
    }
    return rows;
}

/// The bytes of an .fbin file of these rows.
std::string fbin(const std::vector<float>& rows, std::uint32_t cols) {
    const std::array<std::uint32_t, 2> head{static_cast<std::uint32_t>(rows.size() / cols), cols};
    std::string bytes(sizeof(head) + rows.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), head.data(), sizeof(head));
    std::memcpy(bytes.data() + sizeof(head), rows.data(), rows.size() * sizeof(float));
    return bytes;
}

TEST(EmbedBytes, DoNotDependOnThreadsBlocksOrCompression) {
    const SharedFolder folder;
    const std::vector<std::string> texts = some_texts(5000, 7);
    const std::string expected = fbin(reference(texts, "hash:48"), 48);
    const std::string lines = as_lines(texts);
    const std::string plain = folder.write("a.txt", lines);
    const std::string gz = folder.write("a.txt.gz", gzip(lines));
    const std::string zst = folder.write("a.txt.zst", zstd(lines));
    const std::string out = folder / "out.fbin";
    for (const std::string& input : {plain, gz, zst}) {
        for (const std::size_t block : {17U, 256U, 6000U}) {
            for (const std::size_t threads : {1U, 2U, 4U}) {
                const auto done = embed(
                    {.inputs = {input}, .model = "hash:48", .out = out, .block = block}, threads
                );
                EXPECT_EQ(done.rows, texts.size());
                EXPECT_EQ(done.counts.texts, texts.size());
                EXPECT_TRUE(test::read_file(out) == expected)
                    << input << ", blocks of " << block << ", " << threads << " threads";
                EXPECT_FALSE(test::exists(out + ".part"));
            }
        }
    }
}

TEST(EmbedBytes, FollowTheOrderOfTheInputs) {
    const SharedFolder folder;
    std::vector<std::string> inputs;
    std::vector<std::string> all;
    for (unsigned i = 0; i < 60; ++i) {
        const std::vector<std::string> texts = some_texts(i % 7 * 11, i);
        const auto pack = static_cast<Compression>(i % 3);
        const std::array<std::string, 3> ends{".txt", ".txt.gz", ".txt.zst"};
        inputs.push_back(folder.write(
            "f" + std::to_string(100 + i) + ends[i % 3], test::compress(as_lines(texts), pack)
        ));
        all.insert(all.end(), texts.begin(), texts.end());
    }
    const std::string out = folder / "out.fbin";
    embed({.inputs = inputs, .model = "hash:16", .out = out});
    EXPECT_TRUE(test::read_file(out) == fbin(reference(all, "hash:16"), 16));

    const std::vector<std::string> reversed{inputs.rbegin(), inputs.rend()};
    embed({.inputs = reversed, .model = "hash:16", .out = out});
    EXPECT_FALSE(test::read_file(out) == fbin(reference(all, "hash:16"), 16));

    embed({.inputs = {folder / "f1*"}, .model = "hash:16", .out = out});  // sorted by path
    EXPECT_TRUE(test::read_file(out) == fbin(reference(all, "hash:16"), 16));
}

TEST(EmbedBytes, OfJsonRecordsAreThoseOfTheirTexts) {
    const SharedFolder folder;
    const std::string input = folder.write(
        "a.jsonl",
        "{\"id\": 1, \"body\": {\"text\": \"a \\u00e9 b\"}}\n"
        "\n"
        "{\"body\": {\"text\": \"plain words\"}, \"id\": \"x\"}\r\n"
        "{\"id\": 3, \"body\": {\"text\": \"\"}}"
    );
    const std::string out = folder / "out.fbin";
    const auto done = embed(
        {.inputs = {input}, .model = "hash:32", .out = out, .field = "body.text", .id_field = "id"}
    );
    EXPECT_EQ(done.rows, 3U);
    EXPECT_EQ(done.counts.empty_texts, 1U);
    EXPECT_TRUE(
        test::read_file(out) == fbin(reference({"a é b", "plain words", ""}, "hash:32"), 32)
    );
    EXPECT_EQ(test::read_file(out + ".ids.jsonl"), "1\n\"x\"\n3\n");
}

TEST(EmbedBytes, OfWholeFiles) {
    const SharedFolder folder;
    folder.write("d/a.txt", "first line\nsecond line\n");
    folder.write("d/sub/b.md", "third");
    folder.write("d/z", "");
    const std::string out = folder / "out.fbin";
    const auto done =
        embed({.inputs = {folder / "d"}, .whole_files = true, .model = "hash:32", .out = out});
    EXPECT_EQ(done.rows, 3U);
    EXPECT_TRUE(
        test::read_file(out)
        == fbin(reference({"first line\nsecond line\n", "third", ""}, "hash:32"), 32)
    );
}

TEST(EmbedBytes, HaveTheTypeThatIsAskedFor) {
    const SharedFolder folder;
    const std::vector<std::string> texts = some_texts(300, 3);
    const std::vector<float> rows = reference(texts, "hash:20");
    const std::string input = folder.write("a.txt", as_lines(texts));
    const std::string out = folder / "out.npy";

    embed({.inputs = {input}, .model = "hash:20", .out = out, .type = ElementType::f16});
    std::vector<std::uint16_t> halves(rows.size());
    kernels::to_f16(rows, halves);
    const MatrixReader f16{out};
    std::vector<std::byte> bytes(halves.size() * 2);
    f16.read_elements(0, texts.size(), bytes);
    EXPECT_EQ(std::memcmp(bytes.data(), halves.data(), bytes.size()), 0);

    const auto done = embed(
        {.inputs = {input},
         .model = "hash:20",
         .out = out,
         .type = ElementType::i8,
         .i8_scale = 200}
    );
    std::vector<std::int8_t> small(rows.size());
    EXPECT_EQ(done.losses.clamped, kernels::to_i8(rows, small, 200));
    EXPECT_GT(done.losses.clamped, 0U);
    const MatrixReader i8{out};
    bytes.resize(small.size());
    i8.read_elements(0, texts.size(), bytes);
    EXPECT_EQ(std::memcmp(bytes.data(), small.data(), bytes.size()), 0);
}

TEST(EmbedBytes, OfNanAreThoseOfEveryMachine) {  // infinity ÷ infinity is -NaN on x86, NaN on ARM
    const SharedFolder folder;
    const std::string out = folder / "out.fbin";
    embed(
        {.inputs = {folder.write("a.txt", "a b\n")},
         .model = "vec:" + folder.write("huge.vec", "2 2\na 3e38 0\nb 3e38 1\n"),
         .out = out,
         .normalize = jobs::Normalize::l2}
    );
    const std::string bytes = test::read_file(out);
    std::array<std::uint32_t, 4> words{};
    ASSERT_EQ(bytes.size(), sizeof(words));
    std::memcpy(words.data(), bytes.data(), sizeof(words));
    EXPECT_EQ(words, (std::array<std::uint32_t, 4>{1, 2, 0x7FC00000U, 0}));
}

TEST(EmbedBytes, OfNoTexts) {
    const SharedFolder folder;
    const std::string out = folder / "out.npy";
    const auto done = embed({.inputs = {folder.write("a.txt", "")}, .model = "hash:8", .out = out});
    EXPECT_EQ(done.rows, 0U);
    EXPECT_EQ(MatrixReader{out}.info().cols, 8U);
}

TEST(Embed, RefusesAnOutputThatIsAlsoAnInput) {
    const SharedFolder folder;
    const std::string input = folder.write("a.txt", "words\n");
    expect_says(
        thrown<ArgumentError>([&] {
            embed({.inputs = {input}, .out = input, .format = MatrixFormat::npy});
        }),
        "also an input"
    );
    EXPECT_EQ(test::read_file(input), "words\n");
}

TEST(Embed, NamesAnInputThatIsNotThere) {
    const SharedFolder folder;
    expect_says(
        thrown<IoError>([&] { embed({.inputs = {folder / "none.txt"}, .out = folder / "out.npy"}); }
        ),
        "none.txt"
    );
    EXPECT_FALSE(test::exists(folder / "out.npy"));
}

}  // namespace
}  // namespace kaygraph
