#include "support/throws.hpp"

#include <kaygraph/base/codec.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <deque>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace kaygraph {

struct Count {
    std::string word;
    long n = 0;
    static auto codec(auto& self) { return std::tie(self.word, self.n); }
    friend bool operator==(const Count&, const Count&) = default;
};

struct Tree {
    int value = 0;
    std::vector<Tree> children;
    static auto codec(auto& self) { return std::tie(self.value, self.children); }
    friend bool operator==(const Tree&, const Tree&) = default;
};

namespace foreign {
struct Point {
    double x = 0;
    std::string label;
    friend bool operator==(const Point&, const Point&) = default;
};
template <class Self>
auto codec(Self& self) requires std::is_same_v<std::remove_const_t<Self>, Point> {
    return std::tie(self.x, self.label);
}
}  // namespace foreign

namespace {

using test::expect_says;
using test::thrown;

template <class T>
T round_trip(const T& value) {
    return decode<T>(encode(value));
}

TEST(Codec, CarriesEveryKindOfValue) {
    EXPECT_EQ(round_trip(42), 42);
    EXPECT_EQ(round_trip(true), true);
    EXPECT_EQ(round_trip(std::string("a\0b", 3)), std::string("a\0b", 3));
    EXPECT_EQ(
        round_trip(std::vector<bool>{true, false, true}), (std::vector<bool>{true, false, true})
    );
    EXPECT_EQ(round_trip(std::deque<std::string>{"x", "y"}), (std::deque<std::string>{"x", "y"}));
    EXPECT_EQ(round_trip(std::list<int>{1, 2}), (std::list<int>{1, 2}));
    EXPECT_EQ(round_trip(std::set<std::string>{"b", "a"}), (std::set<std::string>{"a", "b"}));
    EXPECT_EQ(
        (round_trip(std::map<std::string, int>{{"a", 1}})), (std::map<std::string, int>{{"a", 1}})
    );
    EXPECT_EQ(
        (round_trip(std::tuple{1, std::string("t"), 2.5})), (std::tuple{1, std::string("t"), 2.5})
    );
    EXPECT_EQ(round_trip(std::tuple<>{}), std::tuple<>{});
    EXPECT_EQ(
        (round_trip(std::array<std::string, 2>{"p", "q"})), (std::array<std::string, 2>{"p", "q"})
    );
    EXPECT_EQ(round_trip(std::optional<std::string>{}), std::nullopt);
    EXPECT_EQ(round_trip(std::optional<std::string>{"s"}), "s");
    using Either = std::variant<int, std::string>;
    EXPECT_EQ(round_trip(Either{"v"}), Either{"v"});
    EXPECT_EQ(round_trip(Count{"word", 3}), (Count{"word", 3}));
    EXPECT_EQ(round_trip(foreign::Point{1.5, "p"}), (foreign::Point{1.5, "p"}));
    const Tree tree{1, {Tree{2, {}}, Tree{3, {Tree{4, {}}}}}};
    EXPECT_EQ(round_trip(tree), tree);
}

TEST(Codec, WhatCannotTravelIsNotEncodable) {
    EXPECT_FALSE(Encodable<int*>);
    EXPECT_FALSE(Encodable<std::span<const int>>);
    EXPECT_FALSE(Encodable<std::string_view>);
    EXPECT_FALSE(Encodable<std::vector<const char*>>);
    EXPECT_FALSE((Encodable<std::map<int, std::string_view>>));
    EXPECT_TRUE((Encodable<std::map<int, std::vector<Count>>>));
}

TEST(Codec, EqualUnorderedContainersHaveEqualBytes) {
    std::unordered_map<std::string, int> up;
    std::unordered_map<std::string, int> down;
    down.reserve(1000);  // another bucket count, another order
    for (int i = 0; i < 100; ++i) {
        up[std::to_string(i)] = i;
        down[std::to_string(99 - i)] = 99 - i;
    }
    EXPECT_EQ(encode(up), encode(down));
    EXPECT_EQ(round_trip(up), up);
}

TEST(Codec, ACountIsComparedWithTheBytesLeftBeforeAnythingIsAllocated) {
    Encoder encoder;
    encoder.put(std::uint64_t{1} << 60);
    const auto bytes = encoder.take();
    expect_says(
        thrown<FormatError>([&] { (void)decode<std::vector<int>>(bytes); }),
        "1152921504606846976 elements",
        "found 0 bytes",
        "offset 8"
    );
    EXPECT_THROW((void)decode<std::string>(bytes), FormatError);
    EXPECT_THROW((void)(decode<std::map<int, int>>(bytes)), FormatError);
    EXPECT_THROW((void)decode<std::vector<std::tuple<>>>(bytes), FormatError);
}

TEST(Codec, BytesThatAreNoValueAreRefused) {
    const auto with_byte = [](int byte) {
        return std::vector{static_cast<std::byte>(byte)};
    };
    EXPECT_THROW((void)decode<bool>(with_byte(2)), FormatError);
    EXPECT_THROW((void)(decode<std::variant<int, char>>(with_byte(7))), FormatError);
    EXPECT_THROW((void)decode<int>(with_byte(1)), FormatError);
    auto longer = encode(1);
    longer.push_back(std::byte{0});
    expect_says(
        thrown<FormatError>([&] { (void)decode<int>(longer); }), "type int", "1 more bytes"
    );
}

TEST(Codec, NestingIsBounded) {
    Encoder encoder;
    for (int depth = 0; depth < 100'000; ++depth) {
        encoder.put(1);                 // value
        encoder.put(std::uint64_t{1});  // one child
    }
    const auto bytes = encoder.take();
    expect_says(thrown<FormatError>([&] { (void)decode<Tree>(bytes); }), "nested deeper than 256");
}

using Value = std::map<std::string, std::vector<std::tuple<int, std::string>>>;

RC_GTEST_PROP(CodecProperty, EveryValueSurvives, (const Value& value)) {
    RC_ASSERT(round_trip(value) == value);
}

RC_GTEST_PROP(CodecProperty, NoPrefixAndNoFlippedByteDoesHarm, (const Value& value)) {
    const auto bytes = encode(value);
    const auto cut = *rc::gen::inRange<std::size_t>(0, bytes.size());
    RC_ASSERT_THROWS_AS((void)decode<Value>(std::span{bytes}.first(cut)), FormatError);
    auto flipped = bytes;
    flipped[*rc::gen::inRange<std::size_t>(0, bytes.size())] ^=
        static_cast<std::byte>(*rc::gen::inRange(1, 256));
    try {
        (void)decode<Value>(flipped);
    } catch (const FormatError&) {
    }
}

}  // namespace
}  // namespace kaygraph
