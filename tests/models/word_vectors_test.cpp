#include "models/model_files.hpp"
#include "models/word_vectors_file.hpp"

#include "support/bytes.hpp"
#include "support/catch_log.hpp"

#include <kaygraph/models/embedder.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using models::detail::parse_word_vectors;
using models::detail::WordVectorsFile;
using models::detail::WordVectorsKind;

WordVectorsFile parse(const std::string& bytes, std::size_t n_threads = 2) {
    return parse_word_vectors(std::as_bytes(std::span{bytes.data(), bytes.size()}), "v", n_threads);
}

std::vector<std::string> words_of(const WordVectorsFile& file) {
    return {file.words.begin(), file.words.end()};
}

std::vector<float> embed(const std::string& file, const std::string& text, const Log& log = {}) {
    const auto model = models::open_embedder("vec:" + file, {.log = log});
    std::vector<float> row(model->dimension());
    const auto scratch = model->make_scratch();
    const std::string_view view = text;
    model->embed({&view, 1}, {row.data(), 1, row.size()}, *scratch);
    return row;
}

TEST(WordVectors, OfTextWithAHead) {
    const std::string bytes =
        "3 2\n</s> 0.5 -1 \nhello 1 2 \nworld 3e-1 4.25 \n";  // trailing spaces, as fastText writes
    const WordVectorsFile file = parse(bytes);
    EXPECT_EQ(file.kind, WordVectorsKind::text_with_head);
    EXPECT_EQ(file.dim, 2U);
    EXPECT_EQ(words_of(file), (std::vector<std::string>{"</s>", "hello", "world"}));
    EXPECT_EQ(file.rows, (std::vector<float>{0.5F, -1, 1, 2, 0.3F, 4.25F}));
}

TEST(WordVectors, OfGloveHaveTokensWithSpaces) {
    const std::string bytes = "the 1 2 3\n. . . 4 5 6\nat name@domain.com 7 8 9\n\xc2\xa0 10 11 12";
    const WordVectorsFile file = parse(bytes);
    EXPECT_EQ(file.kind, WordVectorsKind::text);
    EXPECT_EQ(file.dim, 3U);
    EXPECT_EQ(
        words_of(file), (std::vector<std::string>{"the", ". . .", "at name@domain.com", "\xc2\xa0"})
    );
    EXPECT_EQ(file.rows.back(), 12);
}

std::string binary(bool with_newlines) {
    std::string bytes = "2 3\n";
    for (const char* word : {"hello", "wor ld"}) {
        const std::string name = word == std::string{"wor ld"} ? "world" : word;
        const float row[3] = {1.5F, -2, static_cast<float>(name.size())};
        bytes += name + " ";
        bytes.append(reinterpret_cast<const char*>(row), sizeof(row));
        bytes += with_newlines ? "\n" : "";
    }
    return bytes;
}

TEST(WordVectors, OfWord2vecBinaryWithAndWithoutLineEnds) {
    for (const bool with_newlines : {true, false}) {
        const std::string bytes = binary(with_newlines);
        const WordVectorsFile file = parse(bytes);
        EXPECT_EQ(file.kind, WordVectorsKind::binary);
        EXPECT_EQ(words_of(file), (std::vector<std::string>{"hello", "world"}));
        EXPECT_EQ(file.rows, (std::vector<float>{1.5F, -2, 5, 1.5F, -2, 5}));
    }
}

TEST(WordVectors, AreTheSameForAnyNumberOfThreads) {
    std::string bytes = "2000 3\n";
    for (int i = 0; i < 2000; ++i) {
        bytes +=
            "w" + std::to_string(i) + " " + std::to_string(i) + " 0." + std::to_string(i) + " -1\n";
    }
    const WordVectorsFile expected = parse(bytes, 1);
    for (const std::size_t n : {2U, 3U, 7U, 64U}) {
        const WordVectorsFile file = parse(bytes, n);
        EXPECT_EQ(file.words, expected.words);
        EXPECT_EQ(file.rows, expected.rows);
    }
    const std::string few = "a 1 2\nb 3 4";
    EXPECT_EQ(words_of(parse(few, 8)), (std::vector<std::string>{"a", "b"}));
}

TEST(WordVectors, OfATextAreItsMeanAndTheFirstOfTwoCounts) {
    const test::Folder folder;
    const std::string file = folder.write("v.vec", "4 2\na 1 2\nb 3 6\na 100 100\nc 0 0\n");
    std::vector<std::string> warnings;
    const Log log{[&](const LogRecord& record) {
        warnings.emplace_back(record.text);
    }};
    EXPECT_EQ(embed(file, "a b  unknown\ta", log), (std::vector<float>{5.0F / 3, 10.0F / 3}));
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings[0].find("1 words stand there again"), std::string::npos);
    EXPECT_EQ(embed(file, "nobody"), (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace kaygraph
