#include <kaygraph/base/json_text.hpp>

#include <gtest/gtest.h>

#include <string>

namespace kaygraph {
namespace {

TEST(JsonText, EscapesWhatJsonMustNotHold) {
    EXPECT_EQ(json_quoted("plain"), "\"plain\"");
    EXPECT_EQ(json_quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(json_quoted("tab\tnl\n\x1b[31m"), "\"tab\\u0009nl\\u000a\\u001b[31m\"");
    EXPECT_EQ(json_quoted(std::string{"\0", 1}), "\"\\u0000\"");
}

TEST(JsonText, KeepsUtf8AndMakesTheRestVisible) {
    EXPECT_EQ(json_quoted("où 日本 😀"), "\"où 日本 😀\"");
    EXPECT_EQ(json_quoted("\xff\xc3"), "\"\\u00ff\\u00c3\"");
    EXPECT_EQ(json_quoted("\xed\xa0\x80"), "\"\\u00ed\\u00a0\\u0080\"");  // a surrogate
    EXPECT_EQ(json_quoted("\xc0\xaf"), "\"\\u00c0\\u00af\"");             // overlong
    EXPECT_EQ(json_quoted("\xf4\x90\x80\x80"), "\"\\u00f4\\u0090\\u0080\\u0080\"");
}

}  // namespace
}  // namespace kaygraph
