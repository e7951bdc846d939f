#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_reader.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::bytes;
using test::Bytes;
using test::expect_says;
using test::Folder;
using test::thrown;
using Floats = std::vector<float>;

MatrixReader open(const Bytes& text, ElementType type = ElementType::f32) {
    return MatrixReader::of_bytes(text, "a.txt", {}, "", type);
}

Floats rows_of(const MatrixReader& reader, std::uint64_t first, std::uint64_t n) {
    Floats out(n * reader.info().cols, -1.0F);
    reader.read_rows(first, {out.data(), n, reader.info().cols});
    return out;
}

Floats read(const std::string& text) {
    const Bytes all = bytes(text);
    const MatrixReader reader = open(all);
    return rows_of(reader, 0, reader.info().rows);
}

std::string refusal(const std::string& text, ElementType type = ElementType::f32) {
    const Bytes all = bytes(text);
    return thrown<FormatError>([&] {
        const MatrixReader reader = open(all, type);
        reader.check(0, reader.info().rows);
    });
}

TEST(TextMatrix, FieldsAreApartByBlanksOrAComma) {
    for (const std::string text :
         {"1 2.5\n-3 4e2\n",
          "1\t2.5\n-3\t4e2",
          "1,2.5\r\n-3,4e2\r\n",
          "  1 , 2.5  \n-3 ,\t4e2 \n\n  \n",
          "\xef\xbb\xbf+1 +2.5\n-3 4E+2"}) {
        EXPECT_EQ(read(text), (Floats{1, 2.5F, -3, 400})) << text;
    }
    EXPECT_EQ(open(bytes("7")).info().rows, 1U);
    EXPECT_EQ(open({}).info().rows, 0U);
    EXPECT_EQ(open(bytes(" \n\r\n")).info().rows, 0U);
    EXPECT_EQ(open(bytes("\xef\xbb\xbf")).info().rows, 0U);
}

TEST(TextMatrix, ANumberThatATypeDoesNotHaveComesWithAdvice) {
    expect_says(refusal("1e300\n"), "f32 can hold", "--dtype f64");
    expect_says(refusal("1.5\n", ElementType::u8), "u8 can hold", ".npy of f64 first");
    expect_says(refusal("300\n", ElementType::u8), ".npy of f64 first");
    expect_says(refusal("nan\n", ElementType::i64), ".npy of f64 first");
    expect_says(refusal("0.5\n", ElementType::i8), "--i8-scale");
    EXPECT_EQ(refusal("alpha\n", ElementType::u8).find("f64"), std::string::npos);
}

TEST(TextMatrix, DecimalCommasAreRefused) {
    for (const std::string text : {"0, 1, 2\n", "0,1,2\n", "0 ,1 , 2\n", "0,\t1,2 \r\n"}) {
        EXPECT_EQ(read(text), (Floats{0, 1, 2})) << text;
    }
    expect_says(refusal("0,1   0,2\n0,3   0,4\n"), "'0,1'", "row 0", "offset 0", "a point");
    expect_says(refusal("0,5\t1,5\n2,5\t3,5\n"), "'0,5'");
    expect_says(refusal("1 1,000\n3 4,000\n"), "'1,000'", "offset 2");
    expect_says(refusal("1 2 3\n1 2,5 3\n"), "'2,5'", "row 1", "offset 8");
    expect_says(refusal("1 2 3\n1,5 3\n"), "'1,5'", "row 1");
    expect_says(refusal("1, 2 3\n"), "'1,'", "row 0");
    expect_says(refusal("-1,5e3 nan\n", ElementType::f64), "'-1,5e3'");
}

TEST(TextMatrix, LinesOfCommentsAreNoRows) {
    for (const std::string text :
         {"# dim 2\n# rows 2\n1 2\n3 4\n",
          "\xef\xbb\xbf#\n1 2\n3 4",
          "  \t# x\r\n1 2\r\n# between, 5 6\r\n3 4\r\n# the end\r\n\r\n",
          "#1 2\n1 2\n##\n#\n3 4\n#"}) {
        EXPECT_EQ(read(text), (Floats{1, 2, 3, 4})) << text;
    }
    EXPECT_EQ(open(bytes("# nothing\n#\n")).info().rows, 0U);
    std::string many = "# head\n";
    for (int i = 0; i < 1000; ++i) {
        many += std::to_string(i) + (i % 3 == 0 ? "\n# and\n#\n" : "\n");
    }
    const Bytes all = bytes(many);
    const MatrixReader reader = open(all);
    ASSERT_EQ(reader.info().rows, 1000U);
    for (std::uint64_t row = 0; row < 1000; row += 37) {
        EXPECT_EQ(rows_of(reader, row, 1), Floats{static_cast<float>(row)});
    }
    EXPECT_EQ(rows_of(reader, 500, 3), (Floats{500, 501, 502}));
}

TEST(TextMatrix, IntegersMayBeWrittenAsFractionsOfNothing) {
    const Bytes text = bytes("1.000000000000000000e+00 -2.0 +3 1e2\n");
    for (const ElementType type : {ElementType::i8, ElementType::i32, ElementType::i64}) {
        EXPECT_EQ(rows_of(open(text, type), 0, 1), (Floats{1, -2, 3, 100}));
    }
    expect_says(refusal("1.5\n", ElementType::i32), "a number that i32 can hold", "'1.5'");
    expect_says(refusal("-1.0\n", ElementType::u8), "a number that u8 can hold", "'-1.0'");
    expect_says(refusal("256.0\n", ElementType::u8), "'256.0'");
    expect_says(refusal("3e9\n", ElementType::i32), "'3e9'");
    expect_says(refusal("1e16\n", ElementType::i64), "'1e16'");  // beyond 2^53 they are not exact
    expect_says(refusal("nan\n", ElementType::i64), "'nan'");
    expect_says(refusal("inf\n", ElementType::i64), "'inf'");
}

TEST(TextMatrix, ARowThatIsNotLikeTheFirstIsRefusedWithItsPlace) {
    expect_says(refusal("1 2\n3\n"), "2 numbers in row 1", "found 1", "a.txt", "offset 4");
    expect_says(refusal("1 2\n3 4 5\n"), "2 numbers in row 1", "found more", "offset 4");
    expect_says(refusal("1 2\n\n3 4\n"), "2 numbers in row 1", "found 0");
    expect_says(refusal("\n1 2\n"), "numbers in the first row", "none");
    expect_says(refusal("1 2\n3 x4\n"), "a number that f32 can hold in row 1", "'x4'", "offset 6");
    expect_says(refusal("# 1\n2 x\n"), "a number", "row 0", "'x'", "offset 6");
    expect_says(refusal("2 3 # 4\n5 6 # 7\n"), "a number", "row 0", "'#'", "offset 4");
    expect_says(refusal("1,,2\n"), "a number", "nothing before a comma", "offset 2");
    expect_says(refusal("1,2,\n"), "a number", "nothing before a comma");
    expect_says(refusal(",1\n"), "a number", "nothing before a comma");
    expect_says(refusal("1 2\n3 4,\n"), "'4,'", "row 1");
    expect_says(refusal("1,2\n3,4,\n"), "found more");
    expect_says(refusal("A word, and others\n"), "a number that f32", "'A'");
    expect_says(refusal("1 2\n3,,4\n"), "a number that f32 can hold in row 1", "''", "offset 6");
    expect_says(refusal("1 0x10\n"), "'0x10'");
    expect_says(refusal("1 +-2\n"), "'+-2'");
    expect_says(refusal("1 --2\n"), "'--2'");
    expect_says(refusal(std::string("1 2\0003\n", 6)), "'2\\x003'");
    expect_says(refusal("1;2\n"), "'1;2'");
    // rows are not counted on before there are bytes for them
    const Bytes short_rows = bytes("1 2 3 4\n1\n1\n");
    expect_says(
        thrown<FormatError>([&] { (void)open(short_rows); }), "4 numbers in row 1", "found 1"
    );
    std::string wide;
    for (int i = 0; i < 65'537; ++i) {
        wide += "1 ";
    }
    expect_says(refusal(wide), "1 to 65536 numbers", "more");
    expect_says(refusal(std::string((16U << 20U) + 1, '1')), "16777216 bytes at most");
}

TEST(TextMatrix, RowsAreReadAsTheTypeAskedFor) {
    const Bytes text = bytes("9007199254740993 -128\n0 127\n");
    const MatrixReader wide = open(text, ElementType::i64);
    EXPECT_EQ(wide.info().type, ElementType::i64);
    Bytes elements(32);
    wide.read_elements(0, 2, elements);
    EXPECT_EQ(
        elements,
        bytes(
            std::int64_t{9'007'199'254'740'993},
            std::int64_t{-128},
            std::int64_t{0},
            std::int64_t{127}
        )
    );
    EXPECT_EQ(rows_of(wide, 1, 1), (Floats{0, 127}));
    expect_says(
        thrown<FormatError>([&] { open(text, ElementType::i32).check(0, 1); }),
        "a number that i32 can hold",
        "'9007199254740993'"
    );
    open(text, ElementType::i8).check(1, 1);
    expect_says(refusal("128", ElementType::i8), "i8 can hold");
    expect_says(refusal("-1", ElementType::u8), "u8 can hold");
    expect_says(refusal("1.5", ElementType::i32), "i32 can hold");
    EXPECT_THROW((void)open(text, ElementType::f16), ArgumentError);
}

TEST(TextMatrix, NumbersAreRoundedOnceAndMayBeSpecial) {
    const Floats all = read("0.1 1e-50 -1e-400 0.003 nan inf -inf 1.401298464324817e-45 -0\n");
    EXPECT_EQ(all[0], 0.1F);
    EXPECT_EQ(all[1], 0.0F);
    EXPECT_EQ(all[2], 0.0F);
    EXPECT_TRUE(std::signbit(all[2]));
    EXPECT_TRUE(std::isnan(all[4]));
    EXPECT_TRUE(std::isinf(all[5]));
    EXPECT_EQ(all[6], -std::numeric_limits<float>::infinity());
    EXPECT_EQ(all[7], std::numeric_limits<float>::denorm_min());
    EXPECT_TRUE(std::signbit(all[8]));
    // between two floats, where rounding to a double first would go the other way
    EXPECT_EQ(read("1.00000005960464477539062500001")[0], 1.00000011920928955078125F);
    for (const std::string large :
         {"1e39", "-3.5e38", "1e999", "-1e99999999999999999999", "inf1"}) {
        expect_says(refusal(large), "f32 can hold", large);
    }
    const std::string zeros(400, '0');
    EXPECT_EQ(
        read("0." + zeros + "1 1e-99999999999999999999 " + "1" + zeros + "e-400"), (Floats{0, 0, 1})
    );
    expect_says(refusal("0." + zeros + "1e900"), "f32 can hold");
    expect_says(refusal("1e309", ElementType::f64), "f64 can hold");
    EXPECT_EQ(open(bytes("1e-400 -4e-324"), ElementType::f64).info().cols, 2U);
}

TEST(TextMatrix, AnyBlockOfManyRowsIsFound) {
    std::string text;
    for (int row = 0; row < 1000; ++row) {
        text += std::to_string(row) + std::string(static_cast<std::size_t>(row % 7), ' ') + ","
                + std::to_string(-row) + "\n";
    }
    const Bytes all = bytes(text);
    const MatrixReader reader = open(all);
    ASSERT_EQ(reader.info().rows, 1000U);
    for (const std::uint64_t first : {0U, 1U, 63U, 64U, 65U, 500U, 998U}) {
        const auto row = static_cast<float>(first);
        EXPECT_EQ(rows_of(reader, first, 2), (Floats{row, -row, row + 1, -row - 1}));
    }
    EXPECT_TRUE(rows_of(reader, 1000, 0).empty());
}

TEST(TextMatrix, ReadsSiftDescriptors) {
    const Folder folder;
    const char* const data = std::getenv("KAYGRAPH_TEST_DATA");
    std::string path = std::string{data == nullptr ? "" : data} + "/sift/sift-5k.tsv";
    if (data == nullptr) {  // a stand-in of the same form
        std::string text;
        for (int row = 0; row < 5000; ++row) {
            for (int c = 0; c < 128; ++c) {
                text += std::to_string((row * 131 + c * 17) % 219) + "\t";
            }
            text += std::to_string(100'001 + row) + "\n";
        }
        path = folder.write("sift.tsv", text);
    }
    const MatrixReader reader{path, MatrixFormat::text};
    EXPECT_EQ(reader.info().rows, 5000U);
    ASSERT_EQ(reader.info().cols, 129U);
    const Floats all = rows_of(reader, 0, 5000);
    for (std::size_t row = 0; row < 5000; ++row) {
        ASSERT_EQ(all[row * 129 + 128], static_cast<float>(100'001 + row));
        for (std::size_t c = 0; c < 128; ++c) {
            ASSERT_TRUE(all[row * 129 + c] >= 0 && all[row * 129 + c] <= 255);
        }
    }
}

}  // namespace
}  // namespace kaygraph
