#include "models/tokenizer_files.hpp"

#include "support/catch_log.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/models/tokenizer.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace kaygraph::models {
namespace {

using Ids = std::vector<std::uint32_t>;
using TokenizerPtr = std::shared_ptr<const Tokenizer>;

TokenizerPtr parse(const std::string& json, LoadTokenizerOptions options = {}) {
    return parse_tokenizer(std::as_bytes(std::span{json}), "tokenizer.json", options);
}

Ids encode(const Tokenizer& tokenizer, std::string_view text) {
    Ids ids;
    tokenizer.encode(text, ids, *tokenizer.make_scratch());
    return ids;
}

/// Words of one letter each, by letter: easy to tell apart.
std::string letters_json() {
    return test::wordpiece_json(test::some_words());
}

std::string with_added_token(const std::string& json, const std::string& token) {
    return test::replaced(json, "\"added_tokens\":[", "\"added_tokens\":[" + token + ",");
}

std::string refusal(const std::string& json) {
    const std::string message = test::thrown<FormatError>([&] { parse(json); });
    test::expect_says(message, "tokenizer.json");
    return message;
}

TEST(Tokenizer, CutsTheLongestPieces) {
    const TokenizerPtr tokenizer =
        parse(test::wordpiece_json({"hello", "wor", "##ld", "##l", "##d", "!", "h"}));
    EXPECT_EQ(encode(*tokenizer, "Hello world!"), (Ids{2, 3, 4, 7}));
    EXPECT_EQ(encode(*tokenizer, "worldld wordl"), (Ids{3, 4, 4, 3, 6, 5}));
    EXPECT_EQ(encode(*tokenizer, "helloo"), Ids{1});  // what cannot be cut to its end is unknown
    EXPECT_EQ(encode(*tokenizer, ""), Ids{});
    EXPECT_EQ(encode(*tokenizer, " \t\n\r"), Ids{});
    EXPECT_EQ(tokenizer->kind(), "WordPiece");
    EXPECT_EQ(tokenizer->vocabulary_size(), 9U);
    EXPECT_EQ(tokenizer->id_bound(), 9U);
    EXPECT_EQ(tokenizer->unknown_id(), 1U);
}

TEST(Tokenizer, AppendsToWhatIsThere) {
    const TokenizerPtr tokenizer = parse(test::wordpiece_json({"hello"}));
    const auto scratch = tokenizer->make_scratch();
    Ids ids{77};
    tokenizer->encode("hello", ids, *scratch);
    tokenizer->encode("hello hello", ids, *scratch);
    EXPECT_EQ(ids, (Ids{77, 2, 2, 2}));
}

TEST(Tokenizer, TakesTheMedianInCodePoints) {
    // [PAD] 5, [UNK] 5, and: 1, 2, 3 code points -> 3 in the middle
    EXPECT_EQ(
        parse(test::wordpiece_json({"a", "\u00e9\u00e9", "\u6f22\u5b57a"}))->median_token_length(),
        3U
    );
    // 5 5 1 2 -> (2 + 5) / 2, cut
    EXPECT_EQ(parse(test::wordpiece_json({"a", "\u00e9\u00e9"}))->median_token_length(), 3U);
}

TEST(Tokenizer, LongWordsAreUnknown) {
    const TokenizerPtr tokenizer = parse(letters_json());
    EXPECT_EQ(encode(*tokenizer, std::string(100, 'c')).size(), 100U);
    EXPECT_EQ(encode(*tokenizer, std::string(101, 'c')), Ids{1});
    // 100 code points of 2 bytes
    std::string sharp;
    for (int i = 0; i < 100; ++i) {
        sharp += "\u00df";
    }
    EXPECT_EQ(encode(*tokenizer, sharp).size(), 100U);
    EXPECT_EQ(encode(*tokenizer, sharp + "\u00df"), Ids{1});
    // counted after accents have gone
    EXPECT_EQ(encode(*tokenizer, std::string(100, 'c') + "\u0301").size(), 100U);
}

TEST(Tokenizer, NormalizesAsBertDoes) {
    const TokenizerPtr tokenizer = parse(letters_json());
    const auto same = [&](std::string_view one, std::string_view other) {
        EXPECT_EQ(encode(*tokenizer, one), encode(*tokenizer, other)) << one << " and " << other;
        EXPECT_FALSE(encode(*tokenizer, one).empty());
    };
    same("\u00e9\u00c9e\u0301", "eee");                  // accents
    same("\u0130", "i");                                 // I with a dot
    same("\u03a3\u03a3", "\u03c3\u03c3");                // no final sigma
    same("ab\u00adcd\u200bef\x01g", "abcdefg");          // soft hyphen, zero width, control
    same("a\u00a0b\u3000c\u2028d\u2003e", "a b c d e");  // white space
    same("a\u0085b\vc", "abc");                          // control characters though white space
    same("a\u6f22\u5b57b", "a \u6f22 \u5b57 b");         // ideographs stand alone
    same("a.b,c!", "a . b , c !");                       // so does punctuation
    same("\u3002a\u3002", "\u3002 a \u3002");
    same("a\u0323\u0301b", "a\u0301\u0323b");  // marks in any order
    same("a\xff\xfe", "a");                    // no UTF-8
    EXPECT_EQ(encode(*tokenizer, "\u00df"), encode(*tokenizer, "\u00df"));
    EXPECT_NE(encode(*tokenizer, "\u0131"), encode(*tokenizer, "i"));  // without a dot
}

TEST(Tokenizer, FindsAddedTokens) {
    const TokenizerPtr tokenizer = parse(letters_json());
    const Ids a = encode(*tokenizer, "a");
    const Ids b = encode(*tokenizer, "b");
    EXPECT_EQ(encode(*tokenizer, "a[PAD]b [UNK]"), (Ids{a[0], 0, b[0], 1}));
    EXPECT_EQ(
        encode(*tokenizer, "[pad]"),
        (Ids{
            1,
            encode(*tokenizer, "pad")[0],
            encode(*tokenizer, "pad")[1],
            encode(*tokenizer, "pad")[2],
            1})
    );
}

TEST(Tokenizer, HonoursTheFlagsOfAddedTokens) {
    const std::size_t next = parse(letters_json())->vocabulary_size();
    const auto added = [&](const std::string& flags) {
        return parse(with_added_token(
            letters_json(),
            "{\"id\":" + std::to_string(next) + ",\"content\":\"<X>\",\"special\":false," + flags
                + "}"
        ));
    };
    const auto x = static_cast<std::uint32_t>(next);
    const auto count_x = [&](const TokenizerPtr& tokenizer, std::string_view text) {
        const Ids ids = encode(*tokenizer, text);
        return std::count(ids.begin(), ids.end(), x);
    };
    const TokenizerPtr words =
        added(R"("single_word":true,"lstrip":false,"rstrip":false,"normalized":false)");
    EXPECT_EQ(count_x(words, "<X> a<X> <X>b -<X>- \u0301<X> <x>"), 2);
    const TokenizerPtr any =
        added(R"("single_word":false,"lstrip":true,"rstrip":true,"normalized":true)");
    EXPECT_EQ(count_x(any, "<X>a<x>b \u00a0<\u1e8c> "), 3);  // in the normal form
    EXPECT_EQ(encode(*any, "<x>  <x>"), (Ids{x, x}));
    EXPECT_EQ(any->vocabulary_size(), next + 1);
    EXPECT_EQ(any->id_bound(), next + 1);
}

std::string added_token(int id, const std::string& content, const std::string& flags = "") {
    const auto flag = [&](const std::string& name) {
        return ",\"" + name + "\":" + (flags.find(name) == std::string::npos ? "false" : "true");
    };
    return "{\"id\":" + std::to_string(id) + ",\"content\":\"" + content + "\""
           + flag("single_word") + flag("lstrip") + flag("rstrip") + flag("normalized")
           + flag("special") + "}";
}

TEST(Tokenizer, TakesAddedTokensAsTheReferenceDoes) {
    const auto next = static_cast<std::uint32_t>(parse(letters_json())->vocabulary_size());
    const auto with = [&](const std::vector<std::string>& tokens, const Log& log = {}) {
        std::string json = letters_json();
        for (const std::string& token : tokens) {
            json = with_added_token(json, token);
        }
        return parse(json, {.log = log});
    };
    const Ids a = encode(*with({}), "a");
    // ids follow the vocabulary, whatever the file says
    test::CatchLog log;
    const TokenizerPtr gap = with({added_token(70, "<x>"), added_token(5, "<y>")}, log.log());
    const Ids ids = encode(*gap, "<x>a<y>");
    EXPECT_EQ(ids.size(), 3U);
    EXPECT_EQ((std::set<std::uint32_t>{ids[0], ids[2]}), (std::set<std::uint32_t>{next, next + 1}));
    EXPECT_EQ(ids[1], a[0]);
    EXPECT_EQ(gap->id_bound(), next + 2U);
    EXPECT_EQ(log.count("2 added tokens have other ids than it says"), 1U);
    // one of the vocabulary has its id there
    EXPECT_EQ(
        encode(*with({added_token(70, "hello", "lstrip")}), "a  hello"), encode(*gap, "a hello")
    );
    // one without text is none, and one that is there again is one
    const auto x = static_cast<int>(next);
    const TokenizerPtr again =
        with({added_token(9, ""), added_token(x, "<x>"), added_token(x, "<x>")});
    EXPECT_EQ(again->vocabulary_size(), next + 1U);
    EXPECT_EQ(encode(*again, "<x>"), Ids{next});
    // what normalizes to nothing is never found
    EXPECT_EQ(encode(*with({added_token(x, "\\u00ad", "normalized")}), "a\u00ad"), a);
}

TEST(Tokenizer, OfAddedTokensThatAreThereAgainTheLaterSettingsCount) {
    const auto next = parse(letters_json())->vocabulary_size();
    const auto x = static_cast<int>(next);
    const std::string first = added_token(x, "<x>", "lstrip");
    const std::string second = added_token(x, "<x>", "rstrip");
    const std::string json = test::replaced(
        letters_json(), "\"added_tokens\":[", "\"added_tokens\":[" + first + "," + second + ","
    );
    const TokenizerPtr tokenizer = parse(json);
    EXPECT_EQ(encode(*tokenizer, "<x>  <x>").size(), 2U);
    EXPECT_EQ(tokenizer->vocabulary_size(), next + 1);
}

TEST(Tokenizer, IsKnownWithoutItsTypeAndBySequencesOfOne) {
    const std::string json = letters_json();
    const Ids expected = encode(*parse(json), "Hello ab");
    EXPECT_EQ(
        encode(*parse(test::replaced(json, ",\"type\":\"WordPiece\"", "")), "Hello ab"), expected
    );
    const std::string bert =
        R"({"clean_text":true,"handle_chinese_chars":true,"lowercase":true,"strip_accents":null,"type":"BertNormalizer"})";
    const auto sequence = [&](const std::string& parts) {
        return parse(test::replaced(
            test::replaced(json, bert, R"({"type":"Sequence","normalizers":[)" + parts + "]}"),
            R"("pre_tokenizer":{"type":"BertPreTokenizer"})",
            R"("pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"BertPreTokenizer"}]})"
        ));
    };
    EXPECT_EQ(encode(*sequence(bert), "Hello ab"), expected);
    EXPECT_EQ(encode(*sequence(R"({"type":"Lowercase"},{"type":"NFC"})"), "Hello ab"), expected);
    EXPECT_EQ(encode(*sequence(R"({"type":"NFKC"},)" + bert), "\uff28ello ab"), expected);
    EXPECT_NE(encode(*sequence(""), "Hello ab"), expected);
}

TEST(Tokenizer, WithoutAnUnknownTokenUnknownWordsAreRefused) {
    const std::string json =
        test::replaced(letters_json(), "\"unk_token\":\"[UNK]\"", "\"unk_token\":\"[unk]\"");
    const TokenizerPtr tokenizer = parse(json);
    EXPECT_EQ(tokenizer->unknown_id(), 0xFFFFFFFFU);
    EXPECT_EQ(encode(*tokenizer, "Hello a"), encode(*parse(letters_json()), "Hello a"));
    for (const std::string& unknown :
         {std::string{"hello q\u2603"}, std::string{"hello ~"}, "hello " + std::string(300, 'q')}) {
        test::expect_says(
            test::thrown<FormatError>([&] { encode(*tokenizer, unknown); }),
            "unk_token",
            unknown.substr(6, 1)
        );
    }
}

TEST(Tokenizer, TwoWordsMayHaveOneId) {
    const std::string json = test::replaced(letters_json(), "\"[PAD]\":0", "\"[PAD]\":1");
    EXPECT_EQ(encode(*parse(json), "a").size(), 1U);
}

TEST(Tokenizer, Truncates) {
    const auto truncated = [&](const std::string& direction) {
        return parse(test::replaced(
            letters_json(),
            "\"truncation\":null",
            "\"truncation\":{\"direction\":\"" + direction
                + "\",\"max_length\":2,\"strategy\":\"LongestFirst\",\"stride\":0}"
        ));
    };
    const TokenizerPtr whole = parse(letters_json());
    EXPECT_EQ(encode(*truncated("Right"), "a b c d"), encode(*whole, "a b"));
    EXPECT_EQ(encode(*truncated("Left"), "a b c d"), encode(*whole, "c d"));
    Ids ids{9};
    truncated("Left")->encode("a b c", ids, *truncated("Left")->make_scratch());
    EXPECT_EQ(ids.size(), 3U);
    EXPECT_EQ(ids[0], 9U);
}

TEST(Tokenizer, RefusesByName) {
    const std::string json = letters_json();
    const auto swap = [&](const char* from, const char* to) {
        return refusal(test::replaced(json, from, to));
    };
    test::expect_says(
        swap("\"BertNormalizer\"", "\"ByteLevel\""), "normalizer", "ByteLevel", "not supported"
    );
    test::expect_says(swap("\"BertPreTokenizer\"", "\"ByteLevel\""), "pre_tokenizer", "ByteLevel");
    test::expect_says(swap("\"WordPiece\"", "\"BPE\""), "model", "BPE", "WordPiece");
    test::expect_says(
        swap("\"clean_text\":true", "\"clean_text\":true,\"x\":1"), "normalizer", "\"x\""
    );
    test::expect_says(swap("\"clean_text\":true,", ""), "normalizer.clean_text", "nothing");
    test::expect_says(swap("\"clean_text\":true", "\"clean_text\":1"), "true or false", "found 1");
    test::expect_says(swap("\"version\":\"1.0\"", "\"version\":\"2.0\""), "version", "2.0");
    test::expect_says(swap("\"hello\":", "\"[PAD]\":7,\"hello\":"), "[PAD]");  // a key twice
    test::expect_says(swap("\"[PAD]\":0", "\"[PAD]\":4000000000"), "4000000000");
    test::expect_says(swap("\"[PAD]\":0", "\"[PAD]\":2000000000"), "ids about as large");
    test::expect_says(swap("\"[PAD]\":0", "\"[PAD]\":-1"), "-1");
    test::expect_says(refusal("[]"), "object");
    test::expect_says(refusal("{"), "JSON");
    test::expect_says(refusal(""), "JSON");
    for (const std::string untyped :
         {"\"merges\":[],\"unk_token\":", "\"vocab\":{},\"unk_token\":"}) {
        const std::string model = json.substr(json.find("\"model\":"));
        const bool is_bpe = untyped.starts_with("\"merges");
        const std::string other = json.substr(0, json.size() - model.size()) + "\"model\":{"
                                  + untyped + "\"[UNK]\"},\"version\":\"1.0\"}";
        test::expect_says(refusal(other), "model", is_bpe ? "'BPE'" : "'WordLevel'");
    }
    // no text is padded, whatever the file says
    EXPECT_EQ(
        parse(test::replaced(json, "\"padding\":null", "\"padding\":{}"))->kind(), "WordPiece"
    );
}

TEST(Tokenizer, RefusesAWrongCache) {
    for (const std::size_t n : {1U, 3U, 1000U}) {
        test::thrown<ArgumentError>([&] { parse(letters_json(), {.cached_words = n}); });
    }
}

// ---- properties

/// Texts of what matters to a tokenizer: short and long words, marks, every script, bytes that are no UTF-8.
std::string draw_text() {
    static const std::array<std::string, 40> parts{
        " ",
        " ",
        " ",
        "a",
        "b",
        "hello",
        "World",
        "THE",
        "abcdefghijklmnop",
        "abcdefghijklmno",
        "ing",
        "1984",
        ".",
        ",",
        "-",
        "[UNK]",
        "[PAD",
        "\u00e9",
        "e\u0301",
        "\u0130",
        "\u0131",
        "\u00df",
        "\u03a3",
        "\u0416",
        "\u6f22",
        "\u5b57",
        "\u3002",
        "\u00ad",
        "\u200d",
        "\u00a0",
        "\n",
        "\v",
        std::string(1, '\0'),
        "\x85",
        "\xc3",
        "\xf0\x9f\x91\x8d",
        "\xed\xa0\x80",
        "\uac01",
        "\u1100\u1161",
        "\t"};
    std::string text;
    const auto indices =
        *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, parts.size())
        );
    for (const std::size_t i : indices) {
        text += parts[i];
    }
    return text;
}

/// The same tokenizer with an added token that is looked for in the normal form, and never found: each text
/// takes the way without table, registers and cache.
TokenizerPtr slow_tokenizer() {
    const std::size_t next = parse(letters_json())->vocabulary_size();
    return parse(with_added_token(
        letters_json(),
        "{\"id\":" + std::to_string(next)
            + R"(,"content":"qqzzqqzzqq","single_word":false,"lstrip":false,"rstrip":false,"normalized":true,"special":false})"
    ));
}

RC_GTEST_PROP(TokenizerProperty, TheFastWayGivesTheSameIds, ()) {
    static const TokenizerPtr slow = slow_tokenizer();
    static const TokenizerPtr fast = parse(letters_json());
    static const TokenizerPtr uncached = parse(letters_json(), {.cached_words = 0});
    static const TokenizerPtr tiny = parse(letters_json(), {.cached_words = 2});
    static const auto kept = fast->make_scratch();  // what was cached before must not matter
    const std::string text = draw_text();
    const Ids expected = encode(*slow, text);
    RC_ASSERT(encode(*fast, text) == expected);
    RC_ASSERT(encode(*uncached, text) == expected);
    RC_ASSERT(encode(*tiny, text) == expected);
    Ids ids;
    fast->encode(text, ids, *kept);
    RC_ASSERT(ids == expected);
}

RC_GTEST_PROP(TokenizerProperty, AnyBytesAreEncoded, (const std::string& bytes)) {
    static const TokenizerPtr slow = slow_tokenizer();
    static const TokenizerPtr fast = parse(letters_json());
    RC_ASSERT(encode(*fast, bytes) == encode(*slow, bytes));
}

RC_GTEST_PROP(TokenizerProperty, PartsAtSpacesAreIndependent, ()) {
    static const TokenizerPtr tokenizer = parse(letters_json());
    const std::string one = draw_text();
    const std::string other = draw_text();
    Ids both = encode(*tokenizer, one);
    const Ids rest = encode(*tokenizer, other);
    both.insert(both.end(), rest.begin(), rest.end());
    RC_ASSERT(encode(*tokenizer, one + " " + other) == both);
}

}  // namespace
}  // namespace kaygraph::models
