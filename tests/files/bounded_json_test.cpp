#include "files/bounded_json.hpp"

#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace kaygraph {
namespace {

using detail::parse_bounded_json;
using nlohmann::json;
using test::expect_says;
using test::thrown;

std::string refusal(const std::string& text, const detail::JsonLimits& limits = {}) {
    return thrown<FormatError>([&] { (void)parse_bounded_json(text, "a.json", 100, limits); });
}

TEST(BoundedJson, ReadsWhatTheParserOfTheLibraryReads) {
    for (const std::string text :
         {R"({"a":[1,-2,2.5e3,{"b":null}],"c":"\u00e9x","d":true,"e":{}})",
          "[]",
          "3",
          R"([[[]],{"x":[]}, "日本"])",
          " [18446744073709551615, -9223372036854775808] "}) {
        EXPECT_EQ(parse_bounded_json(text, "f"), json::parse(text)) << text;
    }
}

TEST(BoundedJson, SaysWhereAndWhatIsWrong) {
    expect_says(refusal(R"({"a":1,"a":2})"), "each key once", "'a' again", "a.json", "offset 110");
    expect_says(refusal("[1, x]"), "expected JSON", "a.json", "offset 105");
    expect_says(refusal("[1] 2"), "expected JSON");
    expect_says(refusal(""), "expected JSON", "offset 100");
    expect_says(refusal("\"a\xff\""), "expected UTF-8", "\\xff");
    expect_says(refusal(std::string("[]\0[]", 5)), "a zero byte", "offset 102");
    expect_says(refusal("[1e999]"), "expected JSON");
}

TEST(BoundedJson, NestingIsBounded) {
    const std::string deep(64, '[');
    EXPECT_NO_THROW((void)parse_bounded_json(deep + std::string(64, ']'), "f"));
    expect_says(refusal("[" + deep), "64 levels", "offset 165");
    expect_says(refusal(std::string(1'000'000, '[')), "64 levels");
}

TEST(BoundedJson, NumbersAndValuesAreBounded) {
    EXPECT_NO_THROW((void)parse_bounded_json("0." + std::string(62, '1'), "f"));
    expect_says(refusal("0." + std::string(63, '1')), "64 bytes", "one of 65");
    EXPECT_NO_THROW((void)parse_bounded_json("[1,2,3]", "f", 0, {.values = 4}));
    expect_says(refusal("[1,2,3]", {.values = 3}), "3 values");
}

TEST(BoundedJson, MessagesAreShortAndPrintable) {
    const std::string message = refusal("[\"" + std::string(100'000, '\x1b') + "\"]");
    EXPECT_LT(message.size(), 400U);
    EXPECT_EQ(message.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace kaygraph
