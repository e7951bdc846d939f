// What holds for every kind of model: a row depends on its text alone.
#include "models/fasttext.hpp"
#include "models/model_files.hpp"

#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/models/embedder.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using models::Embedder;
using test::expect_says;
using test::Folder;
using test::thrown;

std::vector<float> embed(
    const Embedder& model,
    const std::vector<std::string>& texts,
    std::size_t at_once,
    models::EmbedCounts* counts = nullptr
) {
    const std::size_t d = model.dimension();
    std::vector<float> rows(texts.size() * d, -7);
    const auto scratch = model.make_scratch();
    for (std::size_t first = 0; first < texts.size(); first += at_once) {
        const std::size_t n = std::min(at_once, texts.size() - first);
        const std::vector<std::string_view> part(
            texts.begin() + static_cast<std::ptrdiff_t>(first),
            texts.begin() + static_cast<std::ptrdiff_t>(first + n)
        );
        model.embed(part, {rows.data() + first * d, n, d}, *scratch);
    }
    if (counts != nullptr) {
        *counts = scratch->counts;
    }
    return rows;
}

void expect_rows_of_texts_alone(const Embedder& model) {
    const std::vector<std::string> texts = test::model_texts(500, 3);
    const std::vector<float> expected = embed(model, texts, 1);
    for (const std::size_t at_once : {7U, 1000U}) {
        EXPECT_EQ(embed(model, texts, at_once), expected) << at_once << " texts at once";
    }
    std::vector<std::vector<float>> rows(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < rows.size(); ++t) {
        threads.emplace_back([&, t] { rows[t] = embed(model, texts, 10 + t); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const std::vector<float>& own : rows) {
        EXPECT_EQ(own, expected);
    }
}

TEST(Embedder, RowsOfTheHashingModel) {
    expect_rows_of_texts_alone(*models::open_embedder("hash:64"));
}

TEST(Embedder, RowsOfFastText) {
    const Folder folder;
    for (const std::int32_t kind : {1, 2, 3}) {
        for (const std::int32_t maxn : {0, 5}) {
            const std::string file = folder.write(
                "m.bin",
                test::fasttext_bytes(
                    {.dim = 19,
                     .word_ngrams = kind == 3 ? 3 : 1,
                     .model = kind,
                     .minn = maxn == 0 ? 0 : 2,
                     .maxn = maxn}
                )
            );
            expect_rows_of_texts_alone(*models::open_embedder("fasttext:" + file));
        }
    }
}

TEST(Embedder, ASmallCacheChangesNothing) {
    const Folder folder;
    const std::string file = folder.write("m.bin", test::fasttext_bytes({.dim = 19}));
    const std::vector<std::string> texts = test::model_texts(500, 4);
    const std::vector<float> expected =
        embed(*models::open_embedder("fasttext:" + file), texts, 100);
    for (const std::size_t bytes : {1U, 400U, 4000U}) {
        const auto model = models::detail::open_fasttext_with_cache(file, bytes);
        EXPECT_EQ(embed(*model, texts, 100), expected) << bytes << " bytes";
        EXPECT_EQ(embed(*model, texts, 3), expected) << bytes << " bytes";
    }
}

TEST(Embedder, CountsWhatItMet) {
    const Folder folder;
    const std::string file =
        folder.write("m.bin", test::fasttext_bytes({.bucket = 0, .minn = 0, .maxn = 0}));
    models::EmbedCounts counts;
    const auto rows = embed(
        *models::open_embedder("fasttext:" + file),
        {"hello world", "", " \t ", "nobody knows", "hello nobody"},
        2,
        &counts
    );
    EXPECT_EQ(counts.texts, 5U);
    EXPECT_EQ(counts.empty_texts, 2U);
    EXPECT_EQ(counts.unknown_texts, 1U);
    EXPECT_EQ(counts.tokens, 6U);
    EXPECT_EQ(counts.unknown_tokens, 3U);
    for (std::size_t i = 4; i < 16; ++i) {
        EXPECT_EQ(rows[i], 0);
    }
}

void open(const std::string& spec) {
    static_cast<void>(models::open_embedder(spec));
}

TEST(OpenEmbedder, NamesWhatIsWrongWithASpec) {
    expect_says(thrown<ArgumentError>([] { open("word2vec:x"); }), "word2vec", "fasttext");
    expect_says(thrown<ArgumentError>([] { open("hash"); }), "hash:DIM", "'hash'");
    expect_says(thrown<ArgumentError>([] { open("hash:0"); }), "1 to 65536");
    expect_says(thrown<ArgumentError>([] { open("hash:12x"); }), "12x");
    expect_says(thrown<IoError>([] { open("fasttext:/none/m.bin"); }), "/none/m.bin");
    expect_says(thrown<IoError>([] { open("vec:/none/v.vec"); }), "/none/v.vec");
    EXPECT_THROW(open("static:/none"), Error);
}

}  // namespace
}  // namespace kaygraph
