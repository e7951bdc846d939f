#include "models/tokenizer_files.hpp"

#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/models/tokenizer.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>

namespace kaygraph::models {
namespace {

using Ids = std::vector<std::uint32_t>;
using Pieces = std::vector<std::pair<std::string, double>>;

std::shared_ptr<const Tokenizer> parse(const std::string& json) {
    return parse_tokenizer(std::as_bytes(std::span{json}), "tokenizer.json");
}

Ids encode(const Tokenizer& tokenizer, std::string_view text) {
    Ids ids;
    tokenizer.encode(text, ids, *tokenizer.make_scratch());
    return ids;
}

Ids encode(const std::string& json, std::string_view text) {
    return encode(*parse(json), text);
}

const std::string mark = "\u2581";

std::string letters_json() {
    return test::unigram_json(
        {{mark, -2.0},
         {"a", -3.0},
         {"b", -3.0},
         {"ab", -4.0},
         {mark + "ab", -5.0},
         {"\u00e9", -3.0},
         {"ba", -7.0}}
    );
}

TEST(Unigram, CutsWhereTheScoreIsHighest) {
    const std::string json = letters_json();
    EXPECT_EQ(encode(json, "ab"), Ids{5});          // -5 beats -2 - 4
    EXPECT_EQ(encode(json, "ba"), (Ids{1, 3, 2}));  // -3 - 3 beats -7
    EXPECT_EQ(encode(json, "a ab"), (Ids{1, 2, 5}));
    EXPECT_EQ(encode(json, "a  b"), (Ids{1, 2, 1, 1, 3}));  // each space is a word
    EXPECT_EQ(encode(json, ""), Ids{});
    EXPECT_EQ(parse(json)->kind(), "Unigram");
    EXPECT_EQ(parse(json)->unknown_id(), 0U);
}

TEST(Unigram, NeighboursThatAreUnknownAreOne) {
    const std::string json = letters_json();
    EXPECT_EQ(encode(json, "axyza"), (Ids{1, 2, 0, 2}));
    EXPECT_EQ(encode(json, "\u6f22\u5b57"), (Ids{1, 0}));
    EXPECT_EQ(
        encode(
            json,
            "a\xff\xfe"
            "b"
        ),
        (Ids{1, 2, 0, 3})
    );  // no UTF-8: U+FFFD
}

TEST(Unigram, FallsBackToBytes) {
    Pieces pieces{{mark, -2.0}, {"a", -3.0}};
    const std::string digits = "0123456789ABCDEF";
    for (std::size_t byte = 0; byte < 256; ++byte) {
        pieces.emplace_back(
            std::string{"<0x"} + digits[byte / 16] + digits[byte % 16] + ">", -20.0
        );
    }
    const std::string json = test::replaced(
        test::unigram_json(pieces), "\"byte_fallback\":false", "\"byte_fallback\":true"
    );
    EXPECT_EQ(encode(json, "a\u00e9"), (Ids{1, 2, 3 + 0xC3, 3 + 0xA9}));
    pieces.erase(pieces.begin() + 2 + 0xA9);
    const std::string incomplete = test::replaced(
        test::unigram_json(pieces), "\"byte_fallback\":false", "\"byte_fallback\":true"
    );
    EXPECT_EQ(encode(incomplete, "a\u00e9"), (Ids{1, 2, 0}));
}

TEST(Unigram, PrependsAsAsked) {
    const auto scheme = [&](const std::string& name) {
        return test::replaced(letters_json(), "\"always\"", "\"" + name + "\"");
    };
    EXPECT_EQ(encode(scheme("never"), "a b"), (Ids{2, 1, 3}));
    EXPECT_EQ(encode(scheme("first"), "a b"), (Ids{1, 2, 1, 3}));
    EXPECT_EQ(encode(scheme("always"), " a"), (Ids{1, 2}));  // none is added to one that is there
    const std::string older = test::replaced(
        letters_json(), "\"prepend_scheme\":\"always\"", "\"add_prefix_space\":false"
    );
    EXPECT_EQ(encode(older, "a b"), (Ids{2, 1, 3}));
}

TEST(Unigram, RefusesByName) {
    const auto swap = [&](const std::string& from, const std::string& to) {
        const std::string json = test::replaced(letters_json(), from, to);
        const std::string message = test::thrown<FormatError>([&] { parse(json); });
        test::expect_says(message, "tokenizer.json");
        return message;
    };
    const auto normalizer = [&](const std::string& of) {
        return swap("\"normalizer\":null", "\"normalizer\":" + of);
    };
    test::expect_says(normalizer(R"({"type":"ByteLevel"})"), "normalizer", "ByteLevel", "NFKC");
    test::expect_says(normalizer(R"({"type":"NFC","x":1})"), "normalizer", "\"x\"");
    test::expect_says(normalizer(R"({"type":"Precompiled"})"), "precompiled_charsmap");
    test::expect_says(
        normalizer(R"({"type":"Precompiled","precompiled_charsmap":"????"})"), "in base64"
    );
    test::expect_says(
        normalizer(R"json({"type":"Replace","pattern":{"Regex":"(?>a)"},"content":""})json"),
        "normalizer",
        "Replace",
        "(?>a)"
    );
    test::expect_says(
        normalizer(R"({"type":"Replace","pattern":{},"content":""})"), "a String or a Regex"
    );
    test::expect_says(
        normalizer(R"({"type":"Sequence","normalizers":[{"type":"Strip","strip_left":1}]})"),
        "normalizer.normalizers[0].strip_left"
    );
    test::expect_says(swap("\"Metaspace\"", "\"ByteLevel\""), "pre_tokenizer", "ByteLevel");
    test::expect_says(swap("\"unk_id\":0", "\"unk_id\":99"), "unk_id", "99");
    test::expect_says(swap("\"replacement\":\"\u2581\"", "\"replacement\":\"__\""), "replacement");
    test::expect_says(swap("\"always\"", "\"sometimes\""), "prepend_scheme", "sometimes");
    test::expect_says(swap("[\"ba\",-7.0]", "[\"ba\"]"), "a piece and its score");
    test::expect_says(swap("[\"ba\",-7.0]", "[\"ba\",\"x\"]"), "a number");
}

TEST(Unigram, NormalizesBeforeItCuts) {
    const auto with = [&](const std::string& normalizer) {
        return test::replaced(
            letters_json(), "\"normalizer\":null", "\"normalizer\":" + normalizer
        );
    };
    EXPECT_EQ(encode(with(R"({"type":"Lowercase"})"), "AB"), Ids{5});
    EXPECT_EQ(encode(with(R"({"type":"NFC"})"), "e\u0301"), (Ids{1, 6}));
    EXPECT_EQ(encode(with(R"({"type":"NFKC"})"), "\uff41\uff42"), Ids{5});
    EXPECT_EQ(
        encode(with(R"({"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "})"), "a   b"),
        (Ids{1, 2, 1, 3})
    );
    EXPECT_EQ(
        encode(
            with(R"({"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"Sequence",)"
                 R"("normalizers":[{"type":"StripAccents"},{"type":"Lowercase"}]}]})"),
            "\u00c4b"
        ),
        Ids{5}
    );
    EXPECT_EQ(encode(with(R"({"type":"Sequence","normalizers":[]})"), "ab"), Ids{5});
    EXPECT_EQ(encode(with(R"({"type":"Prepend","prepend":"b"})"), "a"), (Ids{1, 3, 2}));
    EXPECT_EQ(encode(with(R"({"type":"Prepend","prepend":"b"})"), ""), Ids{});
}

TEST(Unigram, TheStartOfATextIsThatOfItsFirstCharacter) {
    const auto with = [&](const std::string& normalizer) {
        return test::replaced(
            test::replaced(letters_json(), "\"always\"", "\"first\""),
            "\"normalizer\":null",
            "\"normalizer\":" + normalizer
        );
    };
    const std::string strip = with(R"({"type":"Strip","strip_left":true,"strip_right":true})");
    EXPECT_EQ(encode(strip, "ab"), Ids{5});
    EXPECT_EQ(encode(strip, " ab"), Ids{4});  // what it began with is gone
    EXPECT_EQ(encode(with(R"({"type":"Prepend","prepend":"a"})"), "b"), Ids{5});
}

TEST(Unigram, PiecesMayBeThereAgainOrEmpty) {
    const std::string json = test::unigram_json(
        {{mark, -2.0}, {"a", -3.0}, {"b", -3.0}, {"ab", -1.0}, {"ab", -100.0}, {"", -1.0}}
    );
    EXPECT_EQ(encode(json, "ab"), (Ids{1, 2, 3}));  // the last score counts
    EXPECT_EQ(parse(json)->id_bound(), 7U);
    EXPECT_EQ(parse(json)->vocabulary_size(), 6U);
}

TEST(Unigram, WithoutAnUnknownPieceRefusesUnknownTexts) {
    const auto no_unknown = [&](const std::string& to) {
        return test::replaced(letters_json(), "\"unk_id\":0,", to);
    };
    for (const std::string& json : {no_unknown("\"unk_id\":null,"), no_unknown("")}) {
        EXPECT_EQ(encode(json, "ab a"), (Ids{5, 1, 2}));
        EXPECT_EQ(encode(json, ""), Ids{});
        EXPECT_EQ(parse(json)->unknown_id(), 0xFFFFFFFFU);
        test::expect_says(
            test::thrown<FormatError>([&] { encode(json, "abz"); }), "unk_id is null", "'z'"
        );
    }
}

TEST(Unigram, CutsAtWhiteSpaceOrNot) {
    const auto with = [&](const std::string& pre_tokenizer) {
        const std::string whole = letters_json();
        const std::string metaspace = R"({"prepend_scheme":"always","replacement":")" + mark
                                      + R"(","split":true,"type":"Metaspace"})";
        std::string replaced = pre_tokenizer;
        if (const std::size_t at = replaced.find('M'); at != std::string::npos) {
            replaced.replace(at, 1, metaspace);
        }
        return test::replaced(whole, metaspace, replaced);
    };
    EXPECT_EQ(encode(with("null"), "a b"), (Ids{2, 0, 3}));
    EXPECT_EQ(encode(with(R"({"type":"WhitespaceSplit"})"), "ab\t a"), (Ids{4, 2}));
    EXPECT_EQ(encode(with(R"({"type":"Sequence","pretokenizers":[M]})"), "ab"), Ids{5});
    EXPECT_EQ(encode(with(R"({"type":"Sequence","pretokenizers":[]})"), "ab a"), (Ids{4, 0, 2}));
    EXPECT_EQ(
        encode(
            with(R"({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},M]})"), "ab\tab"
        ),
        (Ids{5, 5})
    );
    EXPECT_EQ(
        encode(
            with(R"({"type":"Sequence","pretokenizers":[M,{"type":"WhitespaceSplit"}]})"), "ab\tab"
        ),
        (Ids{5, 4})
    );
}

TEST(Unigram, IsKnownWithoutItsType) {
    const std::string json = test::replaced(letters_json(), "\"type\":\"Unigram\",", "");
    EXPECT_EQ(encode(json, "ab"), Ids{5});
}

/// The best sum of scores by trying every cut; unknown characters alone.
double best_score(std::string_view word, const Pieces& pieces, double unknown) {
    if (word.empty()) {
        return 0.0;
    }
    double best = -std::numeric_limits<double>::infinity();
    bool has_single = false;
    for (const auto& [piece, score] : pieces) {
        if (word.substr(0, piece.size()) == piece) {
            has_single = has_single || piece.size() == 1;
            best = std::max(best, score + best_score(word.substr(piece.size()), pieces, unknown));
        }
    }
    return has_single ? best
                      : std::max(best, unknown + best_score(word.substr(1), pieces, unknown));
}

RC_GTEST_PROP(UnigramProperty, NoOtherCutIsBetter, ()) {
    const Pieces pieces{
        {"a", -1.0}, {"b", -2.5}, {"ab", -3.0}, {"ba", -3.25}, {"aba", -4.0}, {"bb", -6.0}};
    static const auto tokenizer =
        parse(test::replaced(test::unigram_json(pieces), "\"always\"", "\"never\""));
    const auto word = *rc::gen::container<std::string>(rc::gen::element('a', 'b', 'b', 'c'));
    RC_PRE(word.size() < 12);
    const double unknown = -6.0 - 10.0;
    double found = 0.0;
    for (const std::uint32_t id : encode(*tokenizer, word)) {
        found += id == 0 ? 0.0 : pieces[id - 1].second;
    }
    found += unknown * static_cast<double>(std::count(word.begin(), word.end(), 'c'));
    RC_ASSERT(found == best_score(word, pieces, unknown));
}

}  // namespace
}  // namespace kaygraph::models
