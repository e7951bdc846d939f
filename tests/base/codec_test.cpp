#include "support/throws.hpp"

#include <kaygraph/base/codec.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <chrono>
#include <complex>
#include <cstring>
#include <deque>
#include <limits>
#include <list>
#include <map>
#include <memory>
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

/// Trivially copyable, and written in its own way.
struct Celsius {
    double degrees = 0;
    friend bool operator==(const Celsius&, const Celsius&) = default;
};
template <>
struct Codec<Celsius> {
    static constexpr std::size_t min_bytes = 4;
    static void encode(Encoder& encoder, const Celsius& value) {
        encoder.put(static_cast<float>(value.degrees));
    }
    static Celsius decode(Decoder& decoder) { return {decoder.take<float>()}; }
};

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

struct Hit {
    char kind = 0;
    double score = 0;
    friend bool operator==(const Hit&, const Hit&) = default;
};
struct Flags {
    std::optional<double> weight;
    bool is_new = false;
    Hit hit;
    friend bool operator==(const Flags&, const Flags&) = default;
};
struct Branch {  // an aggregate that contains itself
    int value = 0;
    std::vector<Branch> children;
    std::unique_ptr<Hit> hit;
};
struct Bits {
    unsigned low : 3;
    unsigned high : 7;
    char letter;
    friend bool operator==(const Bits&, const Bits&) = default;
};
struct Label {
    char name[12] = {};
    int number = 0;
};
struct Nothing {
    friend bool operator==(const Nothing&, const Nothing&) = default;
};
struct Nineteen {
    char a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s;
};
class Hidden {
public:
    constexpr Hidden() = default;
    constexpr explicit Hidden(float x) : x_(x), y_(-x) {}
    friend bool operator==(const Hidden&, const Hidden&) = default;

private:
    float x_ = 0;
    float y_ = 0;
};
class HiddenPadding {
    [[maybe_unused]] char kind_ = 0;
    [[maybe_unused]] double score_ = 0;
};
class HiddenPointer {
    [[maybe_unused]] const int* at_ = nullptr;
};
struct Pointer {
    int n;
    const char* text;
};
struct Derived : Hit {
    int more;
};
struct Choice {
    int which;
    union {
        int i;
        float f;
    };
};

struct CelsiusArray {
    Celsius values[2];
};
struct CelsiusBehindNumbers {
    int numbers[3];
    Celsius value;
};
struct CelsiusBase {
    Celsius value;
};
struct WithCelsiusBase : CelsiusBase {
    float more = 0;
};
struct PlainBase {
    int n = 0;
};
struct WithPlainBase : PlainBase {
    int more = 0;
};
struct LongDoubles {
    long double values[2];
};
class HiddenLongDouble {
public:
    constexpr HiddenLongDouble() = default;

private:
    [[maybe_unused]] long double value_ = 0;
};
struct ArrayAndUnion {
    int numbers[2];
    union {
        int i;
        char c;
    };
};
struct Reference {
    const int& n;
    char c;
};
struct ReferenceBesideMap {
    const int& n;
    std::map<int, int> counts;
};
struct Constant {
    const int n = 0;
    char c = 0;
};
struct Row {
    float values[128] = {};
    int id = 0;
};
struct Rows {
    Row rows[3] = {};
};
struct Page {
    char text[8192] = {};
};

/// The bytes of a value made where the memory was full of this byte.
template <class T, class Make>
std::vector<std::byte> bytes_made_on(int byte, const Make& make) {
    alignas(T) std::array<unsigned char, sizeof(T)> storage;
    std::memset(storage.data(), byte, storage.size());
    T* value = make(static_cast<void*>(storage.data()));
    std::vector<std::byte> bytes = encode(*value);
    std::destroy_at(value);
    return bytes;
}
template <class T, class Make>
void expect_no_padding_written(const Make& make) {
    EXPECT_EQ((bytes_made_on<T>(0x00, make)), (bytes_made_on<T>(0xee, make))) << type_name<T>();
}

TEST(Codec, OptionalsAndVariantsOfTrivialTypesAreWrittenAsTheyAreRead) {
    // trivially copyable in libstdc++: their bytes would do for a copy, but not for their codec
    EXPECT_FALSE(detail::BytesAreValue<std::optional<long>>);
    EXPECT_FALSE((detail::BytesAreValue<std::variant<int, float>>));
    EXPECT_FALSE(detail::BytesAreValue<Celsius>);
    const std::vector<std::optional<unsigned char>> bytes{std::nullopt, 0, 1, 255};
    EXPECT_EQ(round_trip(bytes), bytes);
    const std::vector<std::variant<int, float>> either{1, 2.5F, -3};
    EXPECT_EQ(round_trip(either), either);
    const std::vector<Celsius> temperatures{{1.5}, {-3}};
    EXPECT_EQ(round_trip(temperatures), temperatures);
    EXPECT_EQ(encode(temperatures).size(), 8 + 2 * sizeof(float));
}

TEST(Codec, PaddingIsNotWritten) {
    expect_no_padding_written<Hit>([](void* at) {
        auto* hit = ::new (at) Hit;
        hit->kind = 'k';
        hit->score = 0.5;
        return hit;
    });
    expect_no_padding_written<std::optional<double>>([](void* at) {
        return ::new (at) std::optional<double>;
    });
    expect_no_padding_written<Flags>([](void* at) { return ::new (at) Flags; });
    expect_no_padding_written<long double>([](void* at) { return ::new (at) long double{0.1L}; });
    expect_no_padding_written<std::complex<long double>>([](void* at) {
        return ::new (at) std::complex<long double>{0.1L, 0.2L};
    });
    expect_no_padding_written<std::pair<char, double>>([](void* at) {
        return ::new (at) std::pair<char, double>{'p', 1.5};
    });
    expect_no_padding_written<std::array<Hit, 3>>([](void* at) {
        return ::new (at) std::array<Hit, 3>;
    });
    expect_no_padding_written<Bits>([](void* at) {
        auto* bits = ::new (at) Bits;
        bits->low = 5;
        bits->high = 99;
        bits->letter = 'b';
        return bits;
    });
}

TEST(Codec, AggregatesTravelByTheirFields) {
    EXPECT_EQ(round_trip(Hit{'k', 0.5}), (Hit{'k', 0.5}));
    EXPECT_EQ(encode(Hit{}).size(), sizeof(char) + sizeof(double));
    EXPECT_EQ(round_trip(Flags{1.5, true, {'x', 2}}), (Flags{1.5, true, {'x', 2}}));
    EXPECT_EQ(round_trip(Bits{5, 99, 'c'}), (Bits{5, 99, 'c'}));
    EXPECT_EQ(round_trip(std::vector<Nothing>(3)), std::vector<Nothing>(3));
    EXPECT_EQ(round_trip(0.1L), 0.1L);
    EXPECT_EQ(round_trip(std::complex<float>(1, 2)), std::complex<float>(1, 2));
    EXPECT_EQ(round_trip(Hidden{3}), Hidden{3});
    EXPECT_EQ(round_trip(std::chrono::milliseconds{5}), std::chrono::milliseconds{5});
    EXPECT_EQ(round_trip(Label{"name", 7}).number, 7);

    Branch tree{1, {}, std::make_unique<Hit>(Hit{'r', 1})};
    tree.children.push_back({2, {}, nullptr});
    const Branch copy = round_trip(tree);
    EXPECT_EQ(copy.children.at(0).value, 2);
    EXPECT_EQ(*copy.hit, (Hit{'r', 1}));
    EXPECT_EQ(copy.children.at(0).hit, nullptr);
}

TEST(Codec, ValuesOfOneSizeAreWrittenInOneSize) {
    // rows of a sink are found by their number
    EXPECT_EQ(detail::fixed_bytes<Hit>(), 9U);
    EXPECT_EQ(encode(std::optional<double>{}).size(), 9U);
    EXPECT_EQ(encode(std::optional<double>{1}).size(), 9U);
    using Either = std::variant<char, Hit, std::optional<short>>;
    EXPECT_EQ(detail::fixed_bytes<Either>(), 10U);
    for (const Either& either :
         {Either{'c'}, Either{Hit{'h', 1}}, Either{std::optional<short>{2}}}) {
        EXPECT_EQ(encode(either).size(), 10U);
        EXPECT_EQ(round_trip(either), either);
    }
    EXPECT_EQ((detail::fixed_bytes<std::tuple<int, std::array<Hit, 2>>>()), 1U + 4U + 18U);
    EXPECT_EQ(detail::fixed_bytes<std::string>(), 0U);
    EXPECT_EQ(detail::fixed_bytes<std::optional<std::string>>(), 0U);
    EXPECT_EQ((detail::fixed_bytes<std::variant<int, std::string>>()), 0U);
    EXPECT_EQ(detail::fixed_bytes<Count>(), 0U);
    EXPECT_EQ(detail::fixed_bytes<Branch>(), 0U);
    EXPECT_EQ(encode(std::optional<std::string>{}).size(), 1U);
}

TEST(Codec, ABoolInsideAnAggregateIsJudgedToo) {
    auto bytes = encode(Flags{});
    bytes[9] = std::byte{2};  // behind the optional
    EXPECT_THROW((void)decode<Flags>(bytes), FormatError);
}

TEST(Codec, WhatCannotBeWrittenAlikeEverywhereIsNotEncodable) {
    EXPECT_FALSE(Encodable<HiddenPadding>);
    EXPECT_FALSE(Encodable<HiddenPointer>);
    EXPECT_FALSE(Encodable<Pointer>);
    EXPECT_FALSE(Encodable<std::vector<Pointer>>);
    EXPECT_FALSE(Encodable<std::optional<Pointer>>);
    EXPECT_FALSE((Encodable<std::variant<int, Pointer>>));
    EXPECT_FALSE(Encodable<std::unique_ptr<Pointer>>);
    EXPECT_FALSE(Encodable<Derived>);
    EXPECT_FALSE(Encodable<Choice>);
    EXPECT_FALSE(Encodable<Nineteen*>);
    EXPECT_TRUE(Encodable<Nineteen>);  // too many fields to be seen, but no padding
    EXPECT_FALSE(Encodable<std::nullptr_t>);
    EXPECT_FALSE(Encodable<void>);
    EXPECT_FALSE(Encodable<int&>);
    EXPECT_FALSE(Encodable<std::shared_ptr<int>>);
}

TEST(Codec, ACodecIsNotPassedOverWhereFieldsCannotBeSeen) {
    EXPECT_FALSE(Encodable<CelsiusArray>);
    EXPECT_FALSE(Encodable<CelsiusBehindNumbers>);
    EXPECT_FALSE(Encodable<WithCelsiusBase>);
    EXPECT_FALSE(Encodable<ArrayAndUnion>);
    EXPECT_TRUE(detail::BytesAreValue<WithPlainBase>);
    EXPECT_TRUE(detail::BytesAreValue<Row>);
    EXPECT_TRUE(detail::BytesAreValue<Rows>);
    EXPECT_TRUE(detail::BytesAreValue<Page>);
}

TEST(Codec, PaddingOfLongDoubleIsFoundWhereFieldsCannotBeSeen) {
    if (sizeof(long double) != 10 && std::numeric_limits<long double>::digits == 64) {
        EXPECT_FALSE(Encodable<LongDoubles>);
        EXPECT_FALSE(Encodable<HiddenLongDouble>);
    }
}

TEST(Codec, ReferencesCannotTravel) {
    EXPECT_FALSE(Encodable<Reference>);
    EXPECT_FALSE(Encodable<ReferenceBesideMap>);
    EXPECT_EQ(round_trip(Constant{7, 'c'}).n, 7);
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
