// Patterns, with what Oniguruma matches.
#include "models/pattern.hpp"

#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kaygraph::models::detail {
namespace {

/// Returns a text with its matches in brackets.
std::string matched(std::string_view pattern, std::string_view text) {
    std::string shown;
    std::size_t kept = 0;
    for (const auto& [first, last] : Pattern{pattern}.matches_in(text)) {
        shown += text.substr(kept, first - kept);
        shown += "[";
        shown += text.substr(first, last - first);
        shown += "]";
        kept = last;
    }
    return shown.append(text.substr(kept));
}

std::string refusal(std::string_view pattern) {
    return test::thrown<ArgumentError>([&] { Pattern{pattern}; });
}

TEST(Pattern, MatchesWhatItPrefersAtTheLeftmostPlace) {
    EXPECT_EQ(matched(" {2,}", "a  b c   "), "a[  ]b c[   ]");
    EXPECT_EQ(matched("a|ab|abc", "abc"), "[a]bc");
    EXPECT_EQ(matched("(?:ab|a)(?:c|bcd)?", "abcd"), "[abc]d");
    EXPECT_EQ(matched("(a|b)*c", "abac ab c"), "[abac] ab [c]");
    EXPECT_EQ(matched("a+?", "aaa"), "[a][a][a]");
    EXPECT_EQ(matched("a*?b", "aab"), "[aab]");
    EXPECT_EQ(matched("(?:a|b){2,3}?", "abab"), "[ab][ab]");
    EXPECT_EQ(matched("a{,2}b", "aaab"), "a[aab]");
    EXPECT_EQ(matched("a{2", "a{2"), "[a{2]");
    EXPECT_EQ(matched("{", "{}"), "[{]}");
    EXPECT_EQ(matched("x(?:|y)z", "xz xyz"), "[xz] [xyz]");
    EXPECT_EQ(matched("((a*)b)*", "aabb"), "[aabb]");
}

TEST(Pattern, MatchesNothingBetweenCharacters) {
    EXPECT_EQ(matched("", "ab"), "[]a[]b[]");
    EXPECT_EQ(matched("a*", "baac"), "[]b[aa]c[]");
    EXPECT_EQ(matched("x{0}", "\u00e9"), "[]\u00e9[]");
    EXPECT_EQ(matched("^", "a\nb\n"), "[]a\n[]b\n");  // the last newline begins no line
    EXPECT_EQ(matched("$", "a\nb\n"), "a[]\nb[]\n[]");
    EXPECT_EQ(matched("(?<!\\n)^", "a\nb"), "[]a\nb");
    EXPECT_EQ(matched("\\A|\\z", "ab"), "[]ab[]");
    EXPECT_EQ(matched("\\Z", "ab\n"), "ab[]\n[]");
}

TEST(Pattern, KnowsClassesOfCharacters) {
    EXPECT_EQ(matched("\\s+", "a \t\u3000b\u0085\u200b"), "a[ \t\u3000]b[\u0085]\u200b");
    EXPECT_EQ(matched("\\d", "1a\u0663\u00b2"), "[1]a[\u0663]\u00b2");
    EXPECT_EQ(matched("\\w+", "h\u00e9_1 -\u00b2\u65e5"), "[h\u00e9_1] -[\u00b2\u65e5]");
    EXPECT_EQ(matched("\\W", "a-b"), "a[-]b");
    EXPECT_EQ(matched("\\h+", "xfF09g"), "x[fF09]g");
    EXPECT_EQ(matched(".", "a\n\u00e9"), "[a]\n[\u00e9]");
    EXPECT_EQ(matched("[^a-c\\s]", "abc d"), "abc [d]");
    EXPECT_EQ(matched("[\\]\\-x-z]+", "]-y\\"), "[]-y]\\");
    EXPECT_EQ(matched("[-a]", "-a"), "[-][a]");
    EXPECT_EQ(matched("[a-]", "-a"), "[-][a]");
    EXPECT_EQ(matched("[[:punct:]]", "a!\u00a3"), "a[!][\u00a3]");
    EXPECT_EQ(matched("[^[:space:][:digit:]]+", "ab 1c"), "[ab] 1[c]");
    EXPECT_EQ(matched("\\p{Lu}\\P{L}", "aB1\u00c4-"), "a[B1][\u00c4-]");
    EXPECT_EQ(matched("\\p{^L}", "a1"), "a[1]");
    EXPECT_EQ(matched("[\\p{N}]+", "x\u00bd9"), "x[\u00bd9]");
    EXPECT_EQ(matched("\\x41\\u00e9\\x{1F44D}\\t", "A\u00e9\U0001F44D\t"), "[A\u00e9\U0001F44D\t]");
}

TEST(Pattern, LooksAtOneCharacter) {
    EXPECT_EQ(matched("t(?=h)", "th ta"), "[t]h ta");
    EXPECT_EQ(matched("t(?!h)", "th t"), "th [t]");
    EXPECT_EQ(matched("(?<=\\s)a", "a a"), "a [a]");
    EXPECT_EQ(matched("(?<![a-z])b", "ab b"), "ab [b]");
    EXPECT_EQ(matched("\\s+(?!\\S)", "a  b  "), "a[ ] b[  ]");
    EXPECT_EQ(matched("\\bth\\B", "the th ath"), "[th]e th ath");
}

TEST(Pattern, RefusesWhatItCannotDo) {
    for (const std::string pattern :
         {"(",           "a)",      "[a",        "[]",     "*",      "a**+",   "a++",
          "(?>a)",       "(?i)a",   "(?<n>a)",   "(?=ab)", "(?<=^)", "\\1",    "\\k<n>",
          "\\G",         "\\X",     "\\p{Han}",  "\\p",    "\\q",    "\\",     "a{5}?",
          "a{1001}",     "a{3,2}",  "^*",        "[z-a]",  "[a[b]]", "[a&&b]", "[[:foo:]]",
          "\\x{110000}", "\\ud800", "\\x{d800}", "(?#c)"}) {
        test::expect_says(refusal(pattern), "the pattern '");
    }
    test::expect_says(refusal("a(?=bc)"), "(?= with more than a character", "not supported");
    test::expect_says(refusal(std::string(60, '(') + std::string(60, ')')), "parentheses");
    test::expect_says(refusal("(?:(?:a{1000}){1000})"), "at most 10000 steps");
}

TEST(Pattern, TakesTimeInProportion) {
    const std::string many(100'000, 'a');
    EXPECT_EQ(Pattern{"(?:a*)*b"}.matches_in(many).size(), 0U);
    EXPECT_EQ(Pattern{"(a|aa)+$"}.matches_in(many).size(), 1U);
    EXPECT_EQ(Pattern{"a?a?a?a?a?a?a?a?aaaaaaaa"}.matches_in(many).size(), many.size() / 16);
    // each match looks to the end of the text, and then takes one character
    test::expect_says(
        test::thrown<FormatError>([&] { static_cast<void>(Pattern{"a*b|a"}.matches_in(many)); }),
        "takes too long"
    );
}

}  // namespace
}  // namespace kaygraph::models::detail
