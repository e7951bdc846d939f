#include "models/model_files.hpp"
#include "models/word_vectors_file.hpp"

#include "support/bytes.hpp"
#include "support/catch_log.hpp"
#include "support/packed.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
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
using test::expect_says;

WordVectorsFile parse(const std::string& bytes, std::size_t n_threads = 2) {
    return parse_word_vectors(std::as_bytes(std::span{bytes.data(), bytes.size()}), "v", n_threads);
}

std::vector<std::string> words_of(const WordVectorsFile& file) {
    return {file.words.begin(), file.words.end()};
}

std::string why_not(const std::string& bytes) {
    return test::thrown<FormatError>([&] { static_cast<void>(parse(bytes)); });
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

TEST(WordVectors, AMarkBeforeTheHeadIsNoPartOfIt) {
    for (const std::string head : {"3 2\n", "", "3 2\r\n", "3\t2\n"}) {
        const std::string bytes = "\xef\xbb\xbf" + head + "alpha 1 2\nbeta 3 4\ngamma 5 6\n";
        const WordVectorsFile file = parse(bytes);
        EXPECT_EQ(file.dim, 2U) << head;
        EXPECT_EQ(words_of(file), (std::vector<std::string>{"alpha", "beta", "gamma"}));
        EXPECT_EQ(file.rows, (std::vector<float>{1, 2, 3, 4, 5, 6}));
    }
    const std::string marked = "\xef\xbb\xbf" + binary(true);
    EXPECT_EQ(parse(marked).kind, WordVectorsKind::binary);
}

TEST(WordVectors, NumbersAreReadAsOtherProgramsReadThem) {
    const std::string bytes = "1 9\na +1.0 +2 .5 5. 1e2 1E+2 -0 1e-60 +1e-1\n";
    EXPECT_EQ(parse(bytes).rows, (std::vector<float>{1, 2, 0.5F, 5, 100, 100, -0.0F, 0, 0.1F}));
    for (const std::string wrong : {"+-1", "++1", "1e39", "nan", "inf", "0x1p3", "1,5", "1_0"}) {
        expect_says(
            why_not("1 2\na 1 " + wrong + "\n"), "2 finite numbers", "line 2, found '" + wrong + "'"
        );
    }
}

TEST(WordVectors, TwoNumbersAreAHeadWhereTheLinesAfterThemSaySo) {
    const auto kind_of = [](const std::string& bytes) {
        const WordVectorsFile file = parse(bytes);
        return std::to_string(file.dim) + " of " + std::to_string(file.words.size())
               + (file.kind == WordVectorsKind::text ? "" : " with a head");
    };
    EXPECT_EQ(kind_of("2 1\na 5\nb 6\n"), "1 of 2 with a head");
    EXPECT_EQ(kind_of("2 3\na 5\nb 6\n"), "1 of 3");  // "2" is a word
    EXPECT_EQ(kind_of("2 1\na 5\nb 6\nc 7\n"), "1 of 4");
    EXPECT_EQ(kind_of("2 1\n1 1\n3 1\n"), "1 of 2 with a head");
    EXPECT_EQ(kind_of("5 7\n6 8\n"), "1 of 2");
    EXPECT_EQ(kind_of("1 2 3\n4 5 6\n"), "2 of 2");
    EXPECT_EQ(kind_of("0 3\n"), "3 of 0 with a head");
    expect_says(why_not("2 3\na 1 2\nb 1 2\n"), "3 finite numbers", "line 2, found 2 numbers");
    expect_says(why_not("2 3\nalpha 0:0.1 2:0.3\nbeta 1:0.5\n"), "line 2, found '0:0.1'");
    expect_says(why_not("5 3\n"), "5 rows", "found 0 bytes");
}

TEST(WordVectors, RowsOfAnotherLengthAreRefused) {
    const std::string head = "3 2\na 1 2\n";
    expect_says(why_not(head + "b 1\nc 1 2\n"), "line 3, found 1 numbers");
    expect_says(why_not(head + "b 1 2 3\nc 1 2\n"), "line 3, found 3 numbers");
    expect_says(why_not(head + "1 2\nc 1 2\n"), "line 3, found 2 numbers and no word");
    expect_says(why_not(head + "b\nc 1 2\n"), "line 3, found 0 numbers");
    expect_says(why_not(head + "b x 1 2 y\nc 1 2\n"), "line 3, found 'y'");
    expect_says(why_not(head + std::string(4097, 'b') + " 1 2\nc 1 2\n"), "found a longer word");
    expect_says(why_not("a 1 2\nb 1 2\nc 1\n"), "line 3, found 1 numbers");
    // the first word has a space, and the others say so
    EXPECT_EQ(parse("a b 1 2\nc 1 2\nd 1 2\n").dim, 2U);
    EXPECT_EQ(words_of(parse("2 2\n a 1 2\n 1 2\n")), (std::vector<std::string>{" a", ""}));
}

TEST(WordVectors, WordsOfABinaryThatAreNoTextAreRefused) {
    const auto row = [](const std::string& word) {
        const float values[3] = {1, 2, 3};
        std::string bytes = word + " ";
        bytes.append(reinterpret_cast<const char*>(values), sizeof(values));
        return bytes + "\n";
    };
    expect_says(
        why_not("3 3\n" + row("alpha") + row("New York") + row("gamma")),
        "the text of word 3",
        "a word before it may hold a space",
        "\\x00"
    );
    expect_says(why_not("2 3\n" + row("alpha") + row("New York")), "6 more bytes");
    expect_says(
        why_not("2 3\n" + row("alpha") + row("a\nb")), "the text of word 2, found 'a\\x0ab'"
    );
    // cut characters, as word2vec leaves them
    EXPECT_EQ(parse("2 3\n" + row("alpha") + row("caf\xc3")).words.size(), 2U);
}

TEST(WordVectors, OfPackedFilesAreTheSame) {
    const test::Folder folder;
    const std::string text = "3 2\nalpha 1 2\nbeta 3 4\ngamma 5 6\n";
    for (const std::string& bytes : {text, binary(true)}) {
        const bool is_text = bytes == text;
        const std::string word = is_text ? "beta" : "world";
        const std::vector<float> expected = embed(folder.write("a.vec", bytes), word);
        EXPECT_NE(expected[0], 0);
        EXPECT_EQ(embed(folder.write("a.vec.gz", test::gzip(bytes)), word), expected);
        EXPECT_EQ(embed(folder.write("a.bin", test::gzip(bytes, 10)), word), expected);
        EXPECT_EQ(embed(folder.write("a.vec.zst", test::zstd(bytes)), word), expected);
    }
    const std::string damaged = folder.write("b.vec.gz", test::gzip(text).substr(0, 30));
    EXPECT_THROW(embed(damaged, "beta"), FormatError);
    const std::string twice = folder.write("c.vec.gz", test::gzip(test::gzip(text)));
    expect_says(
        test::thrown<FormatError>([&] { embed(twice, "beta"); }), "word vectors", "gzip data"
    );
}

TEST(WordVectors, WordsThatNoTextHasAreTold) {
    const test::Folder folder;
    const std::string file = folder.write("v.vec", "4 1\na 1\nNew York 2\nT\xfcr 3\nb 4\n");
    std::vector<std::string> warnings;
    EXPECT_EQ(
        embed(file, "a", Log{[&](const LogRecord& record) {
                  warnings.emplace_back(record.text);
              }}),
        std::vector<float>{1}
    );
    ASSERT_EQ(warnings.size(), 2U);
    expect_says(warnings[0], "1 word is no UTF-8", "v.vec");
    expect_says(warnings[1], "1 word holds white space");
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
    EXPECT_NE(warnings[0].find("1 word that was there already"), std::string::npos);
    EXPECT_EQ(embed(file, "nobody"), (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace kaygraph
