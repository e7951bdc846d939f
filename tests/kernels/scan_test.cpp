#include "kernels/reference.hpp"

#include <kaygraph/kernels/convert.hpp>
#include <kaygraph/kernels/hash.hpp>
#include <kaygraph/kernels/scan.hpp>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cstring>
#include <limits>
#include <set>
#include <string>

namespace kaygraph {
namespace {

using kernels::Field;
using kernels::Separators;
using test::levels;

bool separates(char c, Separators separators) {
    return std::string_view{" \t\n\v\f\r"}.find(c) != std::string_view::npos
           || (c == '\0' && separators == Separators::space_nul);
}

std::vector<Field> reference_fields(std::string_view text, Separators separators) {
    std::vector<Field> fields;
    for (std::uint32_t i = 0; i < text.size(); ++i) {
        if (!separates(text[i], separators)) {
            if (i == 0 || separates(text[i - 1], separators)) {
                fields.push_back({i, i});
            }
            fields.back().last = i + 1;
        }
    }
    return fields;
}

/// Text whose last byte is the last of its page: who reads on gets a signal.
class AtPageEnd {
public:
    explicit AtPageEnd(std::string_view text)
        : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {
        bytes_ = (text.size() / page_ + 2) * page_;
        map_ = static_cast<char*>(
            ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        );
        ::mprotect(map_ + bytes_ - page_, page_, PROT_NONE);
        char* first = map_ + bytes_ - page_ - text.size();
        std::copy(text.begin(), text.end(), first);
        text_ = {first, text.size()};
    }
    AtPageEnd(const AtPageEnd&) = delete;
    AtPageEnd& operator=(const AtPageEnd&) = delete;
    ~AtPageEnd() { ::munmap(map_, bytes_); }
    [[nodiscard]] std::string_view text() const { return text_; }

private:
    std::size_t page_;
    std::size_t bytes_;
    char* map_;
    std::string_view text_;
};

TEST(SplitFields, FindsWhatTheReferenceFinds) {
    std::mt19937 random{11};
    const std::string alphabet{"ab \t\n\v\f\r\0\x80\xc3\x1f\x08\x0e z", 16};
    std::vector<Field> fields;
    for (int round = 0; round < 3000; ++round) {
        std::string text(random() % 300, ' ');
        const unsigned spread = 1 + random() % 16;
        for (char& c : text) {
            c = alphabet[random() % spread];
        }
        const AtPageEnd guarded{text};
        for (const Separators separators : {Separators::space, Separators::space_nul}) {
            const std::vector<Field> expected = reference_fields(text, separators);
            for (const kernels::SimdLevel level : levels()) {
                kernels::split_fields(guarded.text(), separators, fields, level);
                ASSERT_EQ(fields, expected) << to_string(level);
            }
        }
    }
}

/// By the definition: decodes a code point, encodes it again.
std::size_t reference_invalid(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t n = first < 0x80   ? 1
                              : first < 0xC0 ? 0
                              : first < 0xE0 ? 2
                              : first < 0xF0 ? 3
                              : first < 0xF8 ? 4
                                             : 0;
        if (n == 0 || at + n > text.size()) {
            return at;
        }
        std::uint32_t code = n == 1 ? first : first & (0x7FU >> n);
        for (std::size_t i = 1; i < n; ++i) {
            const auto byte = static_cast<unsigned char>(text[at + i]);
            if ((byte & 0xC0U) != 0x80U) {
                return at;
            }
            code = code << 6U | (byte & 0x3FU);
        }
        const bool is_short = n == 1 ? false : code < (n == 2 ? 0x80U : n == 3 ? 0x800U : 0x10000U);
        if (is_short || code > 0x10FFFFU || (code >= 0xD800U && code <= 0xDFFFU)) {
            return at;
        }
        at += n;
    }
    return at;
}

TEST(Utf8, IsJudgedAsByItsDefinition) {
    std::mt19937 random{12};
    const std::vector<std::string> parts{
        "plain words ",
        "é",
        "日",
        "😀",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "\xc2\x80",
        std::string(70, 'x')};
    const std::vector<std::string> bad{
        "\x80",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xff",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3"};
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (unsigned i = random() % 12; i > 0; --i) {
            text += parts[random() % parts.size()];
        }
        if (random() % 2 == 0) {
            text += bad[random() % bad.size()];
        }
        for (unsigned i = random() % 6; i > 0; --i) {
            text += parts[random() % parts.size()];
        }
        const AtPageEnd guarded{text};
        for (const kernels::SimdLevel level : levels()) {
            ASSERT_EQ(kernels::first_invalid_utf8(guarded.text(), level), reference_invalid(text));
        }
    }
}

TEST(Convert, HalvesAreTheNearestOnEveryLevel) {
    // every half there is, the numbers between neighbours, and what is special
    std::vector<float> values;
    for (std::uint32_t bits = 0; bits < 0x7C00; ++bits) {
        const auto low = static_cast<float>(test::reference_half(static_cast<std::uint16_t>(bits)));
        const auto high =
            static_cast<float>(test::reference_half(static_cast<std::uint16_t>(bits + 1)));
        for (const float value :
             {low,
              bits + 1 < 0x7C00 ? (low + high) / 2 : 65520.0F,
              std::nextafter((low + high) / 2, 0.0F)}) {
            values.push_back(value);
            values.push_back(-value);
        }
    }
    const float infinity = std::numeric_limits<float>::infinity();
    for (const float value :
         {65519.0F,
          65520.0F,
          1e30F,
          infinity,
          -infinity,
          std::nanf(""),
          1e-30F,
          1e-42F,
          0.0F,
          -0.0F}) {
        values.push_back(value);
    }
    std::vector<std::uint16_t> expected(values.size());
    kernels::to_f16(values, expected, kernels::SimdLevel::baseline);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double value = values[i];
        if (!(std::abs(value) < 65520)) {
            EXPECT_EQ(expected[i] & 0x7FFF, std::isnan(value) ? 0x7E00 : 0x7C00) << value;
            continue;
        }
        const double got = test::reference_half(expected[i]);
        const double up =
            test::reference_half(static_cast<std::uint16_t>((expected[i] & 0x7FFF) + 1));
        const double down =
            (expected[i] & 0x7FFF) == 0
                ? -INFINITY
                : test::reference_half(static_cast<std::uint16_t>((expected[i] & 0x7FFF) - 1));
        const double error = std::abs(got - value);
        EXPECT_LE(error, std::abs(up - std::abs(value))) << value;
        EXPECT_LE(error, std::abs(down - std::abs(value))) << value;
        if (error == std::abs(up - std::abs(value)) || error == std::abs(down - std::abs(value))) {
            EXPECT_EQ(expected[i] & 1, 0) << "ties go to even: " << value;
        }
        EXPECT_EQ(std::signbit(got), std::signbit(value));
    }
    for (const kernels::SimdLevel level : levels()) {
        std::vector<std::uint16_t> own(values.size());
        kernels::to_f16(values, own, level);
        EXPECT_TRUE(own == expected) << to_string(level);
    }
    std::vector<std::uint16_t> all(65'536);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = static_cast<std::uint16_t>(i);
    }
    std::vector<float> back(all.size());
    kernels::from_f16(all, back, kernels::SimdLevel::baseline);
    for (const kernels::SimdLevel level : levels()) {
        std::vector<float> own(all.size());
        kernels::from_f16(all, own, level);
        EXPECT_EQ(std::memcmp(own.data(), back.data(), own.size() * 4), 0) << to_string(level);
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        const double value = test::reference_half(all[i]);
        EXPECT_TRUE(std::isnan(value) ? std::isnan(back[i]) : back[i] == value);
    }
}

TEST(Convert, SmallNumbersAreRoundedAndClamped) {
    const std::vector<float> values{
        0,
        0.5F,
        1.5F,
        2.5F,
        -0.5F,
        -1.5F,
        126.5F,
        127.4F,
        127.5F,
        -127.4F,
        -127.5F,
        1e9F,
        -1e9F,
        std::nanf(""),
        3.49F,
        -3.51F,
        100};
    const std::vector<std::int8_t> expected{
        0, 0, 2, 2, 0, -2, 126, 127, 127, -127, -127, 127, -127, 0, 3, -4, 100};
    for (const kernels::SimdLevel level : levels()) {
        std::vector<std::int8_t> own(values.size());
        EXPECT_EQ(kernels::to_i8(values, own, 1, level), 4U);
        EXPECT_EQ(own, expected) << to_string(level);
        std::vector<float> back(values.size());
        kernels::from_i8(own, back, 4, level);
        EXPECT_EQ(back[2], 0.5F);
    }
}

TEST(HashBytes, IsFixedForEver) {
    EXPECT_EQ(kernels::hash_bytes("", 0), kernels::hash_bytes(std::string_view{}, 0));
    const std::vector<std::string> texts{
        "",
        "a",
        "ab",
        "abc",
        "abcd",
        "abcdefg",
        "abcdefgh",
        "sixteen letters.",
        "more than sixteen letters"};
    std::uint64_t all = 0;
    for (const std::string& text : texts) {
        all = kernels::hash_bytes(text, all);
    }
    EXPECT_EQ(all, 0xCEE6AE31D6BEBE76U);
}

TEST(HashBytes, TellsShortStringsApartAndMixesBits) {
    std::set<std::uint64_t> seen;
    std::string text;
    for (int i = 0; i < 300'000; ++i) {
        text = std::to_string(i * 7919L);
        seen.insert(kernels::hash_bytes(text, 1));
    }
    EXPECT_EQ(seen.size(), 300'000U);
    for (const std::size_t n : {1U, 3U, 4U, 7U, 8U, 12U, 16U, 17U, 40U}) {
        int flipped = 0;
        int total = 0;
        for (std::size_t bit = 0; bit < 8 * n; ++bit) {
            for (char c = 'a'; c < 'k'; ++c) {
                std::string a(n, c);
                std::string b = a;
                b[bit / 8] = static_cast<char>(b[bit / 8] ^ 1 << bit % 8);
                flipped += std::popcount(kernels::hash_bytes(a, 0) ^ kernels::hash_bytes(b, 0));
                total += 64;
            }
        }
        EXPECT_NEAR(static_cast<double>(flipped) / total, 0.5, 0.03) << n;
    }
}

}  // namespace
}  // namespace kaygraph
