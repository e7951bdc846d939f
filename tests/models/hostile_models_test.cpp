// Files that are not what their SPEC says: refused with file, offset, expected and found.
#include "models/fasttext_file.hpp"
#include "models/model_files.hpp"
#include "models/word_vectors_file.hpp"

#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <span>
#include <string>

namespace kaygraph {
namespace {

using test::expect_says;
using test::FastTextParts;
using test::thrown;

void parse(const std::string& bytes) {
    static_cast<void>(models::detail::parse_fasttext(
        std::as_bytes(std::span{bytes.data(), bytes.size()}), "m.bin"
    ));
}

std::string why_not(const FastTextParts& parts) {
    return thrown<FormatError>([&] { parse(test::fasttext_bytes(parts)); });
}

TEST(HostileFastText, CutAnywhereIsRefused) {
    const std::string whole = test::fasttext_bytes({.labels = {"__label__a"}});
    const std::size_t matrix_end =
        whole.size() - std::string{"the output matrix is never read"}.size();
    for (std::size_t n = 0; n < matrix_end; ++n) {
        const std::string text = thrown<FormatError>([&] { parse(whole.substr(0, n)); });
        expect_says(text, "m.bin", "expected", "found");
    }
    parse(whole.substr(0, matrix_end));  // what is behind the input matrix is not needed
}

TEST(HostileFastText, SizesOutsideTheirRangeAreRefused) {
    constexpr std::int32_t largest = std::numeric_limits<std::int32_t>::max();
    expect_says(why_not({.magic = 5}), "793712314");
    expect_says(why_not({.version = 13}), "version", "13");
    expect_says(why_not({.dim = 0, .bucket = 0, .minn = 0, .maxn = 0}), "dimension");
    expect_says(why_not({.model = 4}), "kind of model", "4");
    expect_says(why_not({.minn = -1}), "minn", "-1");
    expect_says(why_not({.bucket = 0}), "buckets for n-grams");
    expect_says(why_not({.words = {"twice", "twice"}}), "twice");
    expect_says(why_not({.pruned = 0}), "332");
    expect_says(why_not({.pruned = std::numeric_limits<std::int64_t>::max()}), "pruned buckets");
    expect_says(why_not({.words = {std::string(5000, 'x')}}), "4096");
    // every number of the head in turn: none may end in anything but an error or a model
    for (std::size_t at = 0; at + 4 <= 100; ++at) {
        for (const std::int32_t value : {-1, largest, std::numeric_limits<std::int32_t>::min()}) {
            std::string bytes = test::fasttext_bytes({});
            std::copy_n(
                reinterpret_cast<const char*>(&value),
                4,
                bytes.begin() + static_cast<std::ptrdiff_t>(at)
            );
            try {
                parse(bytes);
            } catch (const FormatError& error) {
                expect_says(error.what(), "m.bin");
            }
        }
    }
}

std::string why_no_vectors(const std::string& bytes) {
    return thrown<FormatError>([&] {
        static_cast<void>(models::detail::parse_word_vectors(
            std::as_bytes(std::span{bytes.data(), bytes.size()}), "v.vec", 2
        ));
    });
}

TEST(HostileWordVectors, AreRefusedWithThePlace) {
    expect_says(why_no_vectors(""), "v.vec");
    expect_says(why_no_vectors("word\n"), "a first line of 0 numbers");
    expect_says(why_no_vectors("1000000000000 300\nthe 1 2\n"), "1000000000000 rows");
    expect_says(why_no_vectors("18446744073709551615 65536\nthe 1 2\n"), "rows");
    expect_says(why_no_vectors("3 2\na 1 2\nb 3 4\n"), "3 lines", "2");
    expect_says(
        why_no_vectors("2 2\na 1 2\nb 3 four\n"),
        "2 finite numbers",
        "in line 3, found 'four'",
        "offset 10"
    );
    expect_says(why_no_vectors("a 1 2\nb 3\n"), "2 finite numbers", "in line 2, found 1 numbers");
    expect_says(
        why_no_vectors("2 3\nabc " + std::string(12, '\x01')), "a word"
    );  // binary, one row short
    expect_says(
        why_no_vectors("1 3\nabc " + std::string(40, '\x01')),
        "28 more bytes",
        "the end after 1 words"
    );
}

}  // namespace
}  // namespace kaygraph
