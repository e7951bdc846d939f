#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/json_field.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <string_view>

namespace kaygraph {
namespace {

using test::expect_says;
using test::thrown;
using namespace std::string_literals;

const std::string file = "texts.jsonl";

std::string text_of(const std::string& line, const std::string& field = "text") {
    std::string storage;
    return std::string{JsonField{field}.text(line, storage, file, 1000)};
}

std::string id_of(const std::string& line, const std::string& field = "id") {
    return JsonField{"text", field}.id(line, file, 1000);
}

std::string refusal(const std::string& line, const std::string& field = "text") {
    const std::string said = thrown<FormatError>([&] { text_of(line, field); });
    expect_says(said, "expected ", "found ", file);
    return said;
}

TEST(JsonField, TakesATextOutOfALine) {
    EXPECT_EQ(text_of(R"({"text":"hello"})"), "hello");
    EXPECT_EQ(text_of(R"(  {"id" : 7, "text" : "", "more": [1, {"text": 2}]}  )"), "");
    EXPECT_EQ(
        text_of(R"({"text":"a\"b\\c\u00e4\ud83d\ude00\n"})"), "a\"b\\c\xc3\xa4\xf0\x9f\x98\x80\n"
    );
    EXPECT_EQ(text_of(R"({"te\u0078t":"x"})"), "x");
    EXPECT_EQ(text_of(R"({"text":"a\u0000b"})"), "a\0b"s);
}

TEST(JsonField, WalksIntoObjects) {
    EXPECT_EQ(text_of(R"({"a":{"c":1,"b":"x","d":{"b":"no"}},"b":"no"})", "a.b"), "x");
    EXPECT_EQ(text_of(R"({"b":{"b":"no"},"c":[{"a":{"b":"no"}}],"a":{"b":"x"}})", "a.b"), "x");
    EXPECT_EQ(text_of(R"({"a":{"a":{"a":"x"}}})", "a.a.a"), "x");
}

TEST(JsonField, AKeyMayHaveDots) {
    EXPECT_EQ(text_of(R"({"meta.text":"one"})", "meta.text"), "one");
    EXPECT_EQ(text_of(R"({"m\u0065ta.text":"one"})", "meta.text"), "one");
    EXPECT_EQ(id_of(R"({"a.b":12})", "a.b"), "12");
    // it counts first, wherever it stands and whatever the others are
    for (const char* line :
         {R"({"a.b":"x","a":{"b":"no"}})",
          R"({"a":{"b":"no"},"a.b":"x"})",
          R"({"a":7,"a.b":"x"})",
          R"({"a":{"b":7},"a.b":"x"})",
          R"({"a":{"b":"no","b":"no"},"a.b":"x"})"}) {
        EXPECT_EQ(text_of(line, "a.b"), "x") << line;
    }
    EXPECT_EQ(text_of(R"({"a":{"b":"x"},"c":{"a.b":"no"},"d":["a.b"]})", "a.b"), "x");
    expect_says(refusal(R"({"a.b":7,"a":{"b":"x"}})", "a.b"), "a string at 'a.b'", "a number");
    expect_says(refusal(R"({"a.b":"x","a.b":"x"})", "a.b"), "the key 'a.b' once");
    expect_says(
        refusal(R"({"a":{}})", "a.b.c"),
        "the field 'a.b.c', as one key or as 'c' within 'b' within 'a'"
    );
}

TEST(JsonField, PointsIntoTheLineWhereItCan) {
    const std::string line = R"({"text":"plain"})";
    const std::string escaped = R"({"text":"es\tcaped"})";
    std::string storage;
    const JsonField field{"text"};
    EXPECT_EQ(field.text(line, storage, file, 0).data(), line.data() + 9);
    const std::string_view text = field.text(escaped, storage, file, 0);
    EXPECT_EQ(text, "es\tcaped");
    EXPECT_EQ(text.data(), storage.data());
}

TEST(JsonField, TakesAnId) {
    EXPECT_EQ(id_of(R"({"id":12})"), "12");
    EXPECT_EQ(id_of(R"({"id":-9223372036854775808})"), "-9223372036854775808");
    EXPECT_EQ(id_of(R"({"id":18446744073709551615})"), "18446744073709551615");
    EXPECT_EQ(id_of(R"({"id":1.50})"), "1.50");
    EXPECT_EQ(id_of(R"({"id":"a\"b\n"})"), R"("a\"b\n")");
    EXPECT_EQ(id_of(R"({"meta":{"id":"x"}})", "meta.id"), R"("x")");
    for (const char* line : {R"({"id":null})", R"({"id":true})", R"({"id":[]})", R"({"id":{}})"}) {
        expect_says(thrown<FormatError>([&] { id_of(line); }), "a string or a number at 'id'");
    }
    thrown<ArgumentError>([] { static_cast<void>(JsonField{"text"}.id("{}", file, 0)); });
    EXPECT_TRUE((JsonField{"text", "id"}.has_id()));
    EXPECT_FALSE(JsonField{"text"}.has_id());
}

TEST(JsonField, NumbersBeyondDoubleAreJson) {
    const std::string long_digits(400, '7');
    for (const std::string& number :
         {"1e400"s,
          "-1E+400"s,
          "1e-400"s,
          "-0.1e99999999999999999999"s,
          long_digits,
          "-" + long_digits + "." + long_digits + "e" + long_digits,
          "0." + long_digits,
          "12345678901234567890"s}) {
        EXPECT_EQ(text_of("{\"n\":" + number + ",\"text\":\"a\"}"), "a") << number;
        EXPECT_EQ(text_of("{\"n\":[" + number + "],\"text\":\"a\"}"), "a") << number;
        EXPECT_EQ(text_of("{\"text\":\"a\",\"n\":" + number + "}"), "a") << number;
        expect_says(refusal("{\"text\":" + number + "}"), "a string at 'text'", "a number");
        if (number.size() <= 64) {
            EXPECT_EQ(id_of("{\"id\":" + number + " }"), number);
        } else {
            const std::string line = "{\"id\":" + number + "}";
            expect_says(thrown<FormatError>([&] { id_of(line); }), "at most 64 bytes");
        }
    }
    for (const std::string number :
         {"1e",
          "1e+",
          "1.e400",
          "01e400",
          "1e400x",
          "1e4.0",
          "+1",
          "--1",
          "1e+-5",
          ".5",
          "1e4e4"}) {
        EXPECT_NE(refusal("{\"n\":" + number + ",\"text\":\"a\"}"), "") << number;
    }
    EXPECT_EQ(text_of(R"({"n":[true,1e5,false,12345678901234567,null],"text":"a"})"), "a");
    EXPECT_EQ(id_of(R"({"id":-0})"), "-0");
}

TEST(JsonField, HalvesOfSurrogatePairsAreJsonWhereNobodyAsks) {
    for (const std::string half :
         {R"(\ud800)",
          R"(\uDFFF)",
          R"(\ud800\ud800)",
          R"(\udc00\ud800)",
          R"(\ud800x)",
          R"(\ud800\n)",
          R"(\ud800\\udc00)",
          R"(\ud83d\ude00\ude00)",
          R"(\ud800\u0041)"}) {
        EXPECT_EQ(text_of(R"({"a":")" + half + R"(","text":"x"})"), "x") << half;
        EXPECT_EQ(text_of(R"({"text":"x","a":[")" + half + R"("]})"), "x") << half;
        EXPECT_EQ(text_of(R"({")" + half + R"(":1,"text":"x"})"), "x") << half;
        expect_says(
            refusal(R"({"text":"a )" + half + R"("})"), "half of a surrogate pair", "'text'"
        );
        const std::string id = R"({"id":")" + half + R"("})";
        expect_says(thrown<FormatError>([&] { id_of(id); }), "half of a surrogate pair", "'id'");
    }
    EXPECT_EQ(text_of(R"({"a":"\ud800","text":"\ud83d\ude00\u00e4"})"), "\xf0\x9f\x98\x80\xc3\xa4");
    EXPECT_NE(refusal(R"({"\ud800":"x"})", "\xef\xbf\xbd"), "");  // no key U+FFFD
    for (const std::string broken : {R"(\ud80)", R"(\ud8)", R"(\u)", R"(\udg00)", R"(\ud800\u)"}) {
        EXPECT_NE(refusal(R"({"a":")" + broken + R"(","text":"x"})"), "") << broken;
    }
}

TEST(JsonField, RefusesNamesWithoutKeys) {
    for (const char* name : {"", ".", "a.", ".a", "a..b"}) {
        thrown<ArgumentError>([&] { JsonField{name}; });
        thrown<ArgumentError>([&] { JsonField("a", name); });
    }
}

TEST(JsonField, SaysWhatIsWrongAndWhere) {
    expect_says(refusal(R"({"text":7})"), "a string at 'text'", "a number", "1008");
    expect_says(refusal(R"({"text":{}})"), "a string at 'text'", "an object");
    expect_says(refusal(R"({"text":[]})"), "a string at 'text'", "an array");
    expect_says(refusal(R"({"text":null})"), "a string at 'text'", "null");
    expect_says(refusal(R"({"a":1})"), "the field 'text'", "none", "1000");
    expect_says(refusal(R"({"a":"x"})", "a.b"), "an object at 'a'", "a string");
    expect_says(refusal(R"({"a":[{"b":"x"}]})", "a.b"), "an object at 'a'", "an array");
    expect_says(refusal(R"({"a":3})", "a.b"), "an object at 'a'", "a number");
    expect_says(refusal(R"({"a":{}})", "a.b"), "the field 'a.b'", "none");
    for (const char* line : {"[]", "\"text\"", "7", "null", "true", "1.5"}) {
        expect_says(refusal(line), "a JSON object");
    }
}

TEST(JsonField, RefusesAFieldThatIsThereTwice) {
    expect_says(refusal(R"({"text":"a","text":"a"})"), "the key 'text' once");
    expect_says(refusal(R"({"a":{"b":"x"},"a":{"b":"x"}})", "a.b"), "the key 'a' once");
    expect_says(refusal(R"({"a":{"b":"x","b":"y"}})", "a.b"), "the key 'b' once");
    EXPECT_EQ(text_of(R"({"x":1,"x":2,"text":"a"})"), "a");
}

TEST(JsonField, RefusesWhatIsNoJson) {
    expect_says(refusal("{\"text\":\"a\tb\"}"), "must be escaped to \\u0009 or \\t");
    for (const std::string& line :
         {""s,
          " "s,
          "{"s,
          "}"s,
          "{}{}"s,
          R"({"text":"a"} x)"s,
          R"({"text":"a",})"s,
          R"({text:"a"})"s,
          R"({'text':'a'})"s,
          R"({"text":"a)"s,
          R"({"text":"\x"})"s,
          R"({"text":"a"}//c)"s,
          R"({"text":"a","n":01})"s,
          R"({"text":NaN})"s,
          R"({"text":"a","n":NaN})"s,
          R"({"text":"a","n":-Infinity})"s,
          "{\"text\":\"a\tb\"}"s,
          "{\"text\":\"a\xff\"}"s,
          "{\"text\":\"\xc0\x80\"}"s,
          "{\"text\":\"\xed\xa0\x80\"}"s,
          "{\"text\":\"\xf4\x90\x80\x80\"}"s,
          "{\"text\":\"\xe4\"}"s,
          "{\"text\":\"a\"}\0"s,
          "{\"text\":\"a\0\"}"s,
          "\xef\xbb\xbf{\"text\":\"a\"}"s}) {
        expect_says(refusal(line), "JSON");
    }
    expect_says(refusal("{\"text\":\"ab\xff\"}"), "1011", "UTF-8");
    expect_says(refusal("{\"text\":\"a\0\"}"s), "1010", "NUL");
}

TEST(JsonField, RefusesDeepAndLongThings) {
    const auto nested = [](std::size_t depth) {
        return R"({"text":"a","x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']')
               + "}";
    };
    EXPECT_EQ(text_of(nested(64)), "a");
    expect_says(refusal(nested(65)), "at most 64 levels");
    refusal(R"({"x":)" + std::string(1'000'000, '['));
    std::string objects;
    for (int i = 0; i < 100'000; ++i) {
        objects += R"({"a":)";
    }
    refusal(objects);
    EXPECT_EQ(text_of(R"({"text":"a","n":)" + std::string(1'000'000, '9') + "}"), "a");
    EXPECT_EQ(id_of(R"({"id":0.)" + std::string(62, '1') + "}"), "0." + std::string(62, '1'));
    const std::string long_id = R"({"id":)" + std::string(1'000'000, '9') + "}";
    const std::string said = thrown<FormatError>([&] { id_of(long_id); });
    expect_says(said, "at most 64 bytes", "1000000");
    EXPECT_LT(said.size(), 300U);
}

TEST(JsonField, JudgesLongStringsByteForByte) {
    const std::string run = "a long run of plain characters, ";
    EXPECT_EQ(text_of("{\"text\":\"" + run + run + "\"}"), run + run);
    EXPECT_EQ(text_of("{\"" + run + "\":1,\"text\":\"x\"}"), "x");
    EXPECT_EQ(text_of("{\"" + run + "\":\"x\"}", run.substr(0, run.find(',')) + ", "), "x");
    const std::string mixed = "\xc3\xa4" + run + "\xe2\x82\xac" + run + "\x7f";
    EXPECT_EQ(text_of("{\"text\":\"" + mixed + "\"}"), mixed);
    EXPECT_EQ(text_of("{\"text\":\"" + mixed + "\\n" + run + "\"}"), mixed + "\n" + run);
    EXPECT_EQ(text_of("{\"x\":\"" + run + "\\\\\",\"text\":\"" + run + "\"}"), run);
    EXPECT_EQ(id_of("{\"id\":\"" + mixed + "\"}"), "\"" + mixed + "\"");
    // the halves of a character do not join over what stands between them
    for (const std::string& between : {"a"s, run}) {
        for (const std::string& wrong :
             {"\xe2" + between + "\x82\xac", "\xc3" + between + "\xa4"}) {
            expect_says(
                refusal("{\"text\":\"" + run + wrong + "\"}"),
                "UTF-8",
                std::to_string(1010 + run.size())
            );
            expect_says(refusal("{\"x\":\"" + wrong + "\",\"text\":\"a\"}"), "UTF-8");
        }
    }
    expect_says(
        refusal("{\"text\":\"" + run + "\t" + run + "\"}"),
        "control",
        std::to_string(1009 + run.size())
    );
    refusal("{\"text\":\"" + run);
    refusal("{\"text\":\"" + run + "\\\"}");
    refusal("{\"" + run + "\"}");
}

RC_GTEST_PROP(JsonFieldProperty, ReadsWhatWasWritten, (const std::string& bytes)) {
    std::string text;
    std::string json = "{\"x\":[{}],\"text\":\"";
    for (const char c : bytes) {
        const auto code = static_cast<unsigned char>(c);
        constexpr char digits[] = "0123456789abcdef";
        if (code < ' ' || code == '"' || code == '\\' || code > '~') {
            json += "\\u00";
            json += digits[code / 16];
            json += digits[code % 16];
        } else {
            json += c;
        }
        if (code < 0x80) {
            text += c;
        } else {  // U+0080 to U+00FF
            text += static_cast<char>(0xc0 | (code >> 6U));
            text += static_cast<char>(0x80 | (code & 0x3fU));
        }
    }
    RC_ASSERT(text_of(json + "\",\"y\":0}") == text);
    RC_ASSERT(text_of("{\"text\":\"" + std::string{"\xc3\xa4"} + "\"}") == "\xc3\xa4");
}

}  // namespace
}  // namespace kaygraph
