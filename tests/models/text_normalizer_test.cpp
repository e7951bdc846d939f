// Normalizers, with what the reference implementation (tokenizers 0.23.2) makes of texts.
#include "models/text_normalizer.hpp"

#include "models/charsmap.hpp"
#include "models/tokenizer_files.hpp"

#include <kaygraph/base/error.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace kaygraph::models::detail {
namespace {

struct Golden {
    std::string_view step;
    std::string_view text;
    std::string_view normalized;
};

// clang-format off
constexpr Golden all_golden[] = {
    {"NFC", "\u00c5\u00e9\ufb01\uff21\u2460 K", "\u00c5\u00e9\ufb01\uff21\u2460 K"},
    {"NFC", "e\u0301\u0323 \u1100\u1161\u11a8 \uac01", "\u1eb9\u0301 \uac01 \uac01"},
    {"NFC", "\u0344 \u00bd \u3300 \ufdfa", "\u0308\u0301 \u00bd \u3300 \ufdfa"},
    {"NFC", "\u0130STANBUL \u03a3\u0391\u03a3 \u01c5 \U00010400", "\u0130STANBUL \u03a3\u0391\u03a3 \u01c5 \U00010400"},
    {"NFC", "\u0928\u0902 \u093e a\u20dd", "\u0928\u0902 \u093e a\u20dd"},
    {"NFC", "a\u0898\u0323\u0301b", "a\u0898\u0323\u0301b"},
    {"NFC", "\u11938 \U00011938 \u32ff \ua7f2", "\u11938 \U00011938 \u32ff \ua7f2"},
    {"NFC", "\u1c89 \ua7cb \U00010d50", "\u1c89 \ua7cb \U00010d50"},
    {"NFC", "\u1cf2a\u1cf7", "\u1cf2a\u1cf7"},
    {"NFD", "\u00c5\u00e9\ufb01\uff21\u2460 K", "A\u030ae\u0301\ufb01\uff21\u2460 K"},
    {"NFD", "e\u0301\u0323 \u1100\u1161\u11a8 \uac01", "e\u0323\u0301 \u1100\u1161\u11a8 \u1100\u1161\u11a8"},
    {"NFD", "\u0344 \u00bd \u3300 \ufdfa", "\u0308\u0301 \u00bd \u3300 \ufdfa"},
    {"NFD", "\u0130STANBUL \u03a3\u0391\u03a3 \u01c5 \U00010400", "I\u0307STANBUL \u03a3\u0391\u03a3 \u01c5 \U00010400"},
    {"NFD", "\u0928\u0902 \u093e a\u20dd", "\u0928\u0902 \u093e a\u20dd"},
    {"NFD", "a\u0898\u0323\u0301b", "a\u0898\u0323\u0301b"},
    {"NFD", "\u11938 \U00011938 \u32ff \ua7f2", "\u11938 \U00011938 \u32ff \ua7f2"},
    {"NFD", "\u1c89 \ua7cb \U00010d50", "\u1c89 \ua7cb \U00010d50"},
    {"NFD", "\u1cf2a\u1cf7", "\u1cf2a\u1cf7"},
    {"NFKC", "\u00c5\u00e9\ufb01\uff21\u2460 K", "\u00c5\u00e9fiA1 K"},
    {"NFKC", "e\u0301\u0323 \u1100\u1161\u11a8 \uac01", "\u1eb9\u0301 \uac01 \uac01"},
    {"NFKC", "\u0344 \u00bd \u3300 \ufdfa", "\u0308\u0301 1\u20442 \u30a2\u30d1\u30fc\u30c8 \u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064a\u0647 \u0648\u0633\u0644\u0645"},
    {"NFKC", "\u0130STANBUL \u03a3\u0391\u03a3 \u01c5 \U00010400", "\u0130STANBUL \u03a3\u0391\u03a3 D\u017e \U00010400"},
    {"NFKC", "\u0928\u0902 \u093e a\u20dd", "\u0928\u0902 \u093e a\u20dd"},
    {"NFKC", "a\u0898\u0323\u0301b", "a\u0898\u0323\u0301b"},
    {"NFKC", "\u11938 \U00011938 \u32ff \ua7f2", "\u11938 \U00011938 \u32ff \ua7f2"},
    {"NFKC", "\u1c89 \ua7cb \U00010d50", "\u1c89 \ua7cb \U00010d50"},
    {"NFKC", "\u1cf2a\u1cf7", "\u1cf2a\u1cf7"},
    {"NFKD", "\u00c5\u00e9\ufb01\uff21\u2460 K", "A\u030ae\u0301fiA1 K"},
    {"NFKD", "e\u0301\u0323 \u1100\u1161\u11a8 \uac01", "e\u0323\u0301 \u1100\u1161\u11a8 \u1100\u1161\u11a8"},
    {"NFKD", "\u0344 \u00bd \u3300 \ufdfa", "\u0308\u0301 1\u20442 \u30a2\u30cf\u309a\u30fc\u30c8 \u0635\u0644\u0649 \u0627\u0644\u0644\u0647 \u0639\u0644\u064a\u0647 \u0648\u0633\u0644\u0645"},
    {"NFKD", "\u0130STANBUL \u03a3\u0391\u03a3 \u01c5 \U00010400", "I\u0307STANBUL \u03a3\u0391\u03a3 Dz\u030c \U00010400"},
    {"NFKD", "\u0928\u0902 \u093e a\u20dd", "\u0928\u0902 \u093e a\u20dd"},
    {"NFKD", "a\u0898\u0323\u0301b", "a\u0898\u0323\u0301b"},
    {"NFKD", "\u11938 \U00011938 \u32ff \ua7f2", "\u11938 \U00011938 \u32ff \ua7f2"},
    {"NFKD", "\u1c89 \ua7cb \U00010d50", "\u1c89 \ua7cb \U00010d50"},
    {"NFKD", "\u1cf2a\u1cf7", "\u1cf2a\u1cf7"},
    {"Lowercase", "\u00c5\u00e9\ufb01\uff21\u2460 K", "\u00e5\u00e9\ufb01\uff41\u2460 k"},
    {"Lowercase", "e\u0301\u0323 \u1100\u1161\u11a8 \uac01", "e\u0301\u0323 \u1100\u1161\u11a8 \uac01"},
    {"Lowercase", "\u0344 \u00bd \u3300 \ufdfa", "\u0344 \u00bd \u3300 \ufdfa"},
    {"Lowercase", "\u0130STANBUL \u03a3\u0391\u03a3 \u01c5 \U00010400", "i\u0307stanbul \u03c3\u03b1\u03c3 \u01c6 \U00010428"},
    {"Lowercase", "\u0928\u0902 \u093e a\u20dd", "\u0928\u0902 \u093e a\u20dd"},
    {"Lowercase", "a\u0898\u0323\u0301b", "a\u0898\u0323\u0301b"},
    {"Lowercase", "\u11938 \U00011938 \u32ff \ua7f2", "\u11938 \U00011938 \u32ff \ua7f2"},
    {"Lowercase", "\u1c89 \ua7cb \U00010d50", "\u1c8a \u0264 \U00010d70"},
    {"Lowercase", "\u1cf2a\u1cf7", "\u1cf2a\u1cf7"},
    {"StripAccents", "\u00c5\u00e9\ufb01\uff21\u2460 K", "\u00c5\u00e9\ufb01\uff21\u2460 K"},
    {"StripAccents", "e\u0301\u0323 \u1100\u1161\u11a8 \uac01", "e \u1100\u1161\u11a8 \uac01"},
    {"StripAccents", "\u0344 \u00bd \u3300 \ufdfa", " \u00bd \u3300 \ufdfa"},
    {"StripAccents", "\u0130STANBUL \u03a3\u0391\u03a3 \u01c5 \U00010400", "\u0130STANBUL \u03a3\u0391\u03a3 \u01c5 \U00010400"},
    {"StripAccents", "\u0928\u0902 \u093e a\u20dd", "\u0928  a"},
    {"StripAccents", "a\u0898\u0323\u0301b", "a\u0898b"},
    {"StripAccents", "\u11938 \U00011938 \u32ff \ua7f2", "\u11938 \U00011938 \u32ff \ua7f2"},
    {"StripAccents", "\u1c89 \ua7cb \U00010d50", "\u1c89 \ua7cb \U00010d50"},
    {"StripAccents", "\u1cf2a\u1cf7", "a\u1cf7"},
};
// clang-format on

NormalizerStep step_of(std::string_view name) {
    if (name == "Lowercase") {
        return LowercaseStep{};
    }
    if (name == "StripAccents") {
        return StripAccentsStep{};
    }
    return FormStep{
        name == "NFC"    ? NormalForm::nfc
        : name == "NFD"  ? NormalForm::nfd
        : name == "NFKC" ? NormalForm::nfkc
                         : NormalForm::nfkd};
}

template <class... Steps>
TextNormalizer of(Steps... steps) {
    TextNormalizer normalizer;
    (normalizer.add(std::move(steps)), ...);
    return normalizer;
}

/// Returns the normal form, and after a bar how many bytes of it come from the first character.
std::string normalized(
    const TextNormalizer& normalizer,
    std::string_view text,
    bool at_start = true
) {
    NormalizedText result;
    normalizer.normalize(text, at_start, result);
    return result.text + "|" + std::to_string(result.from_start);
}

ReplaceStep regex(const std::string& pattern, const std::string& content) {
    return {
        .text = pattern, .pattern = std::make_shared<const Pattern>(pattern), .content = content};
}
ReplaceStep literal(const std::string& text, const std::string& content) {
    return {.text = text, .pattern = {}, .content = content};
}

TEST(TextNormalizer, GivesTheFormsOfTheReference) {
    for (const Golden& golden : all_golden) {
        NormalizedText result;
        of(step_of(golden.step)).normalize(golden.text, true, result);
        EXPECT_EQ(result.text, golden.normalized) << golden.step << " of " << golden.text;
    }
}

TEST(TextNormalizer, StripsReplacesAndPrepends) {
    EXPECT_EQ(normalized(of(StripStep{true, true}), " \t\u3000a b\u0085 "), "a b|0");
    EXPECT_EQ(normalized(of(StripStep{true, false}), "a "), "a |1");
    EXPECT_EQ(normalized(of(StripStep{false, true}), "  "), "|0");
    EXPECT_EQ(normalized(of(PrependStep{"_"}), "ab"), "_ab|2");
    EXPECT_EQ(normalized(of(PrependStep{"_"}), ""), "|0");
    EXPECT_EQ(normalized(of(literal("aa", "b")), "aaaxa"), "baxa|0");
    EXPECT_EQ(normalized(of(literal("a", "bb")), "axa"), "bbxbb|2");
    EXPECT_EQ(normalized(of(regex(" {2,}", " ")), "a  b   c d"), "a b c d|1");
    EXPECT_EQ(normalized(of(regex("$", "_")), "a"), "a_|2");
    EXPECT_EQ(
        normalized(of(literal("a", ""), regex("^", "_")), "a"), "|0"
    );  // nothing matches in nothing
    EXPECT_EQ(normalized(of(NmtStep{}), "a\x01\u200b\tb\ufeff"), "a  b |1");
    EXPECT_EQ(normalized(of(LowercaseStep{}), "\u0130B", false), "i\u0307b|0");
    EXPECT_EQ(normalized(of(FormStep{NormalForm::nfc}), "e\u0301x"), "\u00e9x|2");
    EXPECT_EQ(
        normalized(
            of(std::make_shared<const BertNormalizer>(BertNormalizerOptions{}), PrependStep{"_"}),
            "\u00c9\u6f22"
        ),
        "_e \u6f22 |2"
    );
    EXPECT_EQ(
        normalized(
            of(),
            "a\xff"
            "b"
        ),
        "a\ufffd"
        "b|1"
    );
}

TEST(TextNormalizer, KnowsASingleBert) {
    const auto bert = std::make_shared<const BertNormalizer>(BertNormalizerOptions{});
    EXPECT_TRUE(of(bert).only_bert()->clean_text);
    EXPECT_FALSE(of().only_bert()->clean_text);
    EXPECT_FALSE(of(bert, LowercaseStep{}).only_bert());
    EXPECT_FALSE(of(LowercaseStep{}).only_bert());
}

TEST(TextNormalizer, WhatMakesFarTooMuchOfATextIsRefused) {
    const auto of_replacing = [](std::size_t n) {
        const TextNormalizer normalizer = of(regex("", std::string(n, 'x')));
        NormalizedText normalized;
        normalizer.normalize(std::string(10'000, 'a'), true, normalized);
        return normalized.text.size();
    };
    EXPECT_EQ(of_replacing(100), 10'000 + 10'001 * 100U);
    EXPECT_THROW(of_replacing(1000), FormatError);
    const auto grows =
        of(Charsmap::parse(test::charsmap_bytes({{"a", std::string(1000, 'a')}})).value(),
           Charsmap::parse(test::charsmap_bytes({{"a", std::string(1000, 'a')}})).value());
    NormalizedText normalized;
    grows.normalize("a", true, normalized);
    EXPECT_EQ(normalized.text.size(), 1'000'000U);
    EXPECT_THROW(grows.normalize("aa", true, normalized), FormatError);
}

std::string mapped(const std::map<std::string, std::string>& rules, std::string_view text) {
    const auto map = Charsmap::parse(test::charsmap_bytes(rules));
    std::string result;
    while (!text.empty()) {
        map.value().append_first(text, result);
    }
    return result;
}

TEST(Charsmap, ReplacesShortGraphemesAndCharacters) {
    const std::map<std::string, std::string> rules{
        {"\r", " "},
        {"\n", " "},
        {"\u00ad", ""},
        {"\ufb01", "fi"},
        {"e\u0301", "\u00e9"},
        {"a", "A"}};
    EXPECT_EQ(mapped(rules, "\ufb01 xa\u00ad"), "fi xA");
    EXPECT_EQ(
        mapped(rules, "e\u0301e"),
        "\u00e9"
        "e"
    );
    EXPECT_EQ(mapped(rules, "a\r\nb\n\n"), "A b  ");  // a line end is one grapheme
    EXPECT_EQ(mapped(rules, "a\u0301"), "A");  // its shortest beginning decides for all of it
    EXPECT_EQ(mapped(rules, "a\u0301\u0302\u0303"), "A\u0301\u0302\u0303");  // a long one does not
    EXPECT_EQ(mapped(rules, std::string_view{"\0a", 2}), std::string("\0A", 2));
    EXPECT_EQ(mapped({}, "abc"), "abc");
}

TEST(Charsmap, HostileRulesAreRefusedOrHarmless) {
    const std::string sound = test::charsmap_bytes({{"a", "b"}, {"cd", "e"}});
    EXPECT_TRUE(Charsmap::parse(sound));
    for (std::size_t n = 0; n < 8; ++n) {
        EXPECT_FALSE(Charsmap::parse(sound.substr(0, n))) << n;
    }
    std::string large = sound;
    const std::uint32_t size = 0xFFFFFFFC;
    std::memcpy(large.data(), &size, sizeof(size));
    EXPECT_FALSE(Charsmap::parse(large));
    EXPECT_FALSE(Charsmap::parse(std::string(4, '\0')));
    EXPECT_FALSE(Charsmap::parse(sound + "\xff"));
    for (std::size_t i = 4; i < sound.size(); ++i) {  // units that lead anywhere
        for (const char byte : {'\xff', '\x7f', '\x01'}) {
            std::string bytes = sound;
            bytes[i] = byte;
            if (const auto map = Charsmap::parse(bytes)) {
                std::string result;
                for (std::string_view text = "a cd \u00e9 abcdefg"; !text.empty();) {
                    map->append_first(text, result);
                }
            }
        }
    }
}

TEST(Charsmap, DecodesBase64) {
    EXPECT_EQ(decode_base64(""), "");
    EXPECT_EQ(decode_base64("YQ=="), "a");
    EXPECT_EQ(decode_base64("YWI="), "ab");
    EXPECT_EQ(decode_base64("YWJj"), "abc");
    EXPECT_EQ(decode_base64("+/8="), "\xfb\xff");
    for (const char* wrong : {"Y", "YQ", "YQ=", "Y===", "=YQ=", "YQ==YQ==", "Y Q=", "YQ-_"}) {
        EXPECT_FALSE(decode_base64(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace kaygraph::models::detail
