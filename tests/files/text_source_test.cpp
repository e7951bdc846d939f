#include "text_files.hpp"

#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/text_source.hpp>
#include <kaygraph/graph/item_source.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::Folder;
using test::read_all;
using test::source_of;
using test::Text;
using test::texts_in;
using test::thrown;

constexpr Compression compressions[] = {Compression::none, Compression::gzip, Compression::zstd};
constexpr TextFormat formats[] = {TextFormat::lines, TextFormat::jsonl, TextFormat::whole};

std::string ending_of(Compression compression) {
    return compression == Compression::none   ? ""
           : compression == Compression::gzip ? ".gz"
                                              : ".zst";
}

TEST(TextSource, FindsTheLinesOfAFile) {
    const Folder folder;
    const std::string path = folder.write("a.txt", "one\r\n\ntwo\rx\r\r\nlast");
    const TextSource source = source_of({path});
    const std::vector<Text> expected{
        {"one", 0, 0}, {"", 5, 0}, {"two\rx\r", 6, 0}, {"last", 14, 0}};
    EXPECT_EQ(read_all(source), expected);
    EXPECT_EQ(source.input(0).path, path);
    EXPECT_EQ(source.input(0).bytes, 18U);
}

TEST(TextSource, DropsAMarkAndKeepsNulBytes) {
    const Folder folder;
    using namespace std::string_literals;
    folder.write(
        "a.txt",
        "\xef\xbb\xbf"
        "a\0b\n\xef\xbb\xbf"
        "c"s
    );
    folder.write("b.txt", "\xef\xbb\xbf");
    folder.write("c.txt", "\n");
    folder.write("d.txt", "");
    const std::vector<Text> expected{
        {"a\0b"s, 3, 0},
        {"\xef\xbb\xbf"
         "c",
         7,
         0},
        {"", 0, 2}};
    const std::vector<std::string> paths{
        folder.file("a.txt"), folder.file("b.txt"), folder.file("c.txt"), folder.file("d.txt")};
    EXPECT_EQ(read_all(source_of(paths)), expected);
    EXPECT_EQ(read_all(source_of(paths), 1), expected);
    const std::vector<Text> whole{
        {"a\0b\n\xef\xbb\xbf"
         "c"s,
         3,
         0},
        {"", 3, 1},
        {"\n", 0, 2},
        {"", 0, 3}};
    EXPECT_EQ(read_all(source_of(paths, {.whole_files = true})), whole);
}

TEST(TextSource, LeavesOutBlankLinesOfJson) {
    const Folder folder;
    folder.write("a.jsonl", "  \n{}\n\t\r\n\n  {\"a\":1}\r\n   ");
    const std::vector<Text> expected{{"{}", 3, 0}, {"  {\"a\":1}", 10, 0}};
    EXPECT_EQ(read_all(source_of({folder.file("a.jsonl")})), expected);
    EXPECT_EQ(read_all(source_of({folder.file("a.jsonl")}, {}, 4), 1), expected);
}

TEST(TextSource, IsAnItemSource) {
    static_assert(std::is_same_v<TextSource::Item, TextRecord>);
    static_assert(std::is_same_v<TextSource::Storage, TextStorage>);
    static_assert(std::is_nothrow_move_constructible_v<TextStorage>);
    static_assert(std::is_copy_constructible_v<TextSource>);
    const TextSource source = source_of({Folder{}.write("a.txt", "")});
    EXPECT_EQ(source.size(), 0U);
    std::vector<TextRecord> items(3);
    TextStorage storage;
    source.read(0, 0, items, storage);
    EXPECT_TRUE(items.empty());
    expect_says(
        thrown<ArgumentError>([&] { source.read(0, 1, items, storage); }), "texts 0 to 1", "of 0"
    );
}

TEST(TextSource, RefusesPiecesThatAreNotOfItsFiles) {
    const Folder folder;
    const std::vector<TextInput> inputs =
        list_text_inputs(std::vector<std::string>{folder.write("a.txt", std::string(100, '\n'))});
    const std::vector<TextPiece> pieces = cut_texts(inputs, 50);
    const auto make = [&](const std::vector<TextPiece>& of,
                          const std::vector<std::uint64_t>& counts) {
        const TextSource source{inputs, of, counts};
    };
    make(pieces, {50, 50});
    thrown<ArgumentError>([&] { make(pieces, {50}); });
    thrown<ArgumentError>([&] { make(pieces, {50, 51}); });
    thrown<ArgumentError>([&] { make({{1, 0, 100}}, {100}); });
    thrown<ArgumentError>([&] { make({{0, 0, 101}}, {100}); });
    thrown<ArgumentError>([&] { make({{0, 50, 50}}, {50}); });
    thrown<ArgumentError>([&] { make({{0, 0, 50}, {0, 60, 40}}, {50, 40}); });
    thrown<ArgumentError>([&] { make({{0, 0, 2}, {0, 2, 98}}, {2, 98}); });
    thrown<ArgumentError>([&] { static_cast<void>(count_texts(inputs, {1, 0, 1})); });
    thrown<ArgumentError>([&] {
        static_cast<void>(count_texts(inputs, {0, 99, ~std::uint64_t{0}}));
    });
}

/// Something like a text file, with all that may be odd about one.
std::string odd_text(std::mt19937_64& random) {
    const auto below = [&](std::uint64_t n) {
        return random() % n;
    };
    std::string text = below(4) == 0 ? "\xef\xbb\xbf" : "";
    const std::uint64_t n_lines = below(3) == 0 ? below(4) : below(200);
    for (std::uint64_t i = 0; i < n_lines; ++i) {
        const std::uint64_t kind = below(10);
        const std::uint64_t length = kind == 0 ? 0 : i == 0 ? below(70'000) : below(60);
        const char* const letters = below(5) == 0 ? " \t\r" : "ab \r\t{}\xc3\xa4";
        const std::uint64_t n_letters = std::string_view{letters}.size();
        for (std::uint64_t j = 0; j < length; ++j) {
            text += letters[below(n_letters)];
        }
        text += below(3) == 0 ? "\r\n" : "\n";
    }
    if (below(2) == 0 && !text.empty()) {
        text.pop_back();
    }
    return text;
}

/// Files as a test makes them, and what is in them.
struct Corpus {
    Folder folder;
    std::vector<std::string> paths;
    std::vector<Text> texts;
    std::size_t bytes = 0;
};

void fill(Corpus& corpus, std::mt19937_64& random, TextFormat format, Compression compression) {
    const std::uint64_t n_files = 1 + random() % 4;
    for (std::uint32_t i = 0; i < n_files; ++i) {
        const std::string text = odd_text(random);
        corpus.bytes += text.size();
        const std::size_t part = random() % 2 == 0 ? SIZE_MAX : 1 + random() % 5000;
        corpus.paths.push_back(corpus.folder.write(
            std::to_string(i) + ending_of(compression), test::compress(text, compression, part)
        ));
        for (Text& of : texts_in(text, format, i)) {
            corpus.texts.push_back(std::move(of));
        }
    }
}

TextSource any_source(Corpus& corpus, std::mt19937_64& random, std::size_t n_readers) {
    const TextFormat format = formats[random() % 3];
    fill(corpus, random, format, compressions[random() % 3]);
    const std::uint64_t n_pieces = random() % 3 == 0 ? 1 : 1 + random() % 60;
    return source_of(
        corpus.paths, {.format = format}, corpus.bytes / n_pieces + random() % 4, n_readers
    );
}

RC_GTEST_PROP(TextSourceProperty, ReadsTheSameInAnyOrder, (std::uint64_t seed)) {
    std::mt19937_64 random{seed};
    Corpus corpus;
    const TextSource source = any_source(corpus, random, 1);
    RC_ASSERT(source.size() == corpus.texts.size());
    RC_ASSERT(read_all(source, 1 + random() % 50) == corpus.texts);
    std::vector<TextRecord> items;
    TextStorage storage;
    for (int i = 0; i < 20 && source.size() != 0; ++i) {
        const std::size_t first = random() % source.size();
        const std::size_t count = std::min<std::size_t>(random() % 40, source.size() - first);
        source.read(first, count, items, storage);
        RC_ASSERT(items.size() == count);
        for (std::size_t j = 0; j < count; ++j) {
            RC_ASSERT(test::text_of(items[j]) == corpus.texts[first + j]);
            RC_ASSERT(!items[j].is_too_long);
        }
    }
}

RC_GTEST_PROP(TextSourceProperty, ReadsTheSameOnAnyThreads, (std::uint64_t seed)) {
    std::mt19937_64 random{seed};
    Corpus corpus;
    const std::size_t n_threads = 1 + random() % 4;
    const TextSource source = any_source(corpus, random, n_threads);
    const std::size_t block = 1 + random() % 30;
    const std::size_t n_blocks = (source.size() + block - 1) / block;
    std::vector<std::size_t> order(n_blocks);
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (random() % 2 == 0) {
        std::shuffle(order.begin(), order.end(), random);
    }
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> n_wrong{0};
    const auto work = [&] {
        std::vector<TextRecord> items;
        TextStorage storage;
        for (std::size_t i = next++; i < n_blocks; i = next++) {
            const std::size_t first = order[i] * block;
            source.read(first, std::min(block, source.size() - first), items, storage);
            for (std::size_t j = 0; j < items.size(); ++j) {
                n_wrong += test::text_of(items[j]) == corpus.texts[first + j] ? 0U : 1U;
            }
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < n_threads; ++i) {
        threads.emplace_back(work);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    RC_ASSERT(n_wrong == 0U);
}

}  // namespace
}  // namespace kaygraph
