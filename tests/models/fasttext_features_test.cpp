// The numbers of formats: hashes, sub-words, word n-grams, as the official program computes them.
#include "models/fasttext_features.hpp"

#include "models/model_files.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kaygraph::models::detail {
namespace {

FastTextFile without_words(std::int32_t minn, std::int32_t maxn) {
    FastTextFile model;
    model.bucket = 2'000'000;
    model.minn = minn;
    model.maxn = maxn;
    return model;
}

std::vector<std::uint32_t> rows_of(const FastTextFile& model, std::string_view word) {
    std::string bordered;
    std::vector<std::uint32_t> rows;
    append_word_rows(model, word, bordered, rows);
    return rows;
}

TEST(FastTextHash, TakesBytesWithTheirSign) {
    EXPECT_EQ(fasttext_hash("a"), 3'826'002'220U);
    EXPECT_EQ(fasttext_hash("</s>"), 3'617'362'777U);
    EXPECT_EQ(fasttext_hash("où"), 2'875'776'890U);
    EXPECT_EQ(fasttext_hash("日本"), 4'164'387'409U);
}

TEST(FastTextSubwords, AreThoseOfTheOfficialProgram) {
    EXPECT_EQ(
        rows_of(without_words(3, 6), "cat"),
        (std::vector<std::uint32_t>{916'747, 1'988'973, 1'428'137, 289'031, 1'127'995, 351'106})
    );
    EXPECT_EQ(
        rows_of(without_words(3, 6), "où"),
        (std::vector<std::uint32_t>{1'867'388, 845'926, 1'745'676})
    );
    EXPECT_EQ(
        rows_of(without_words(1, 2), "où"),
        (std::vector<std::uint32_t>{343'036, 667'934, 1'776'890, 601'873, 1'901'693})
    );
    EXPECT_TRUE(rows_of(without_words(3, 6), "</s>").empty());
    EXPECT_TRUE(rows_of(without_words(0, 0), "cat").empty());
}

TEST(FastTextSubwords, ComeBehindTheRowOfTheWord) {
    FastTextFile model = without_words(3, 6);
    for (const char* word : {"</s>", "dog", "cat"}) {
        model.dictionary.insert(word);
    }
    model.n_words = 3;
    model.rows.rows = 3 + model.bucket;
    EXPECT_EQ(rows_of(model, "cat").front(), 2U);
    EXPECT_EQ(rows_of(model, "cat")[1], 3U + 916'747U);
    EXPECT_EQ(rows_of(model, "</s>"), std::vector<std::uint32_t>{0});
}

TEST(FastTextSubwords, OfAPrunedModelAreThoseThatItKept) {
    FastTextFile model = without_words(3, 6);
    model.is_pruned = true;
    EXPECT_TRUE(rows_of(model, "cat").empty());
    model.kept_buckets = {{289'031, 5}, {351'106, 0}};
    EXPECT_EQ(rows_of(model, "cat"), (std::vector<std::uint32_t>{5, 0}));
}

TEST(FastTextNgrams, OfWordsAreThoseOfTheOfficialProgram) {
    FastTextFile model = without_words(0, 0);
    std::vector<std::int32_t> hashes;
    for (const char* word : {"hello", "world", "</s>"}) {
        hashes.push_back(static_cast<std::int32_t>(fasttext_hash(word)));
    }
    std::vector<std::uint32_t> rows;
    model.word_ngrams = 2;
    append_ngram_rows(model, hashes, rows);
    EXPECT_EQ(rows, (std::vector<std::uint32_t>{1'485'020, 1'298'458}));
    rows.clear();
    model.word_ngrams = 3;
    append_ngram_rows(model, hashes, rows);
    EXPECT_EQ(rows, (std::vector<std::uint32_t>{1'485'020, 1'159'053, 1'298'458}));
}

}  // namespace
}  // namespace kaygraph::models::detail
