#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_reader.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace kaygraph {
namespace {

using test::bytes;
using test::Bytes;
using test::expect_says;
using test::Folder;
using test::thrown;
using Floats = std::vector<float>;

Floats rows_of(const MatrixReader& reader, std::uint64_t first, std::uint64_t n) {
    Floats out(n * reader.info().cols, -1.0F);
    reader.read_rows(first, {out.data(), n, reader.info().cols});
    return out;
}

Floats all_of(const MatrixReader& reader) {
    return rows_of(reader, 0, reader.info().rows);
}

MatrixReader open(const Bytes& file, const std::string& name) {
    return MatrixReader::of_bytes(file, name);
}

std::string refusal(const Bytes& file, const std::string& name) {
    return thrown<FormatError>([&] { (void)open(file, name); });
}

Bytes npy(const std::string& dictionary, const Bytes& data = {}) {
    return bytes(
        "\x93NUMPY", '\1', '\0', static_cast<std::uint16_t>(dictionary.size()), dictionary, data
    );
}

std::string entry(const std::string& descr, const std::string& order, const std::string& shape) {
    return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

TEST(MatrixReader, ReadsEachBinFormat) {
    const std::array<std::uint32_t, 2> head{2, 3};
    EXPECT_EQ(
        all_of(open(bytes(head, std::array{1.5F, -2.F, 0.F, 4.F, 5.F, 6.F}), "a.fbin")),
        (Floats{1.5F, -2, 0, 4, 5, 6})
    );
    const Bytes six = bytes(head, std::array<std::uint8_t, 6>{0, 1, 127, 128, 255, 7});
    EXPECT_EQ(all_of(open(six, "a.u8bin")), (Floats{0, 1, 127, 128, 255, 7}));
    EXPECT_EQ(all_of(open(six, "a.i8bin")), (Floats{0, 1, 127, -128, -1, 7}));
    const Bytes int_file = bytes(head, std::array{1, -2, 3, 16'777'217, 5, 6});
    const MatrixReader ints = open(int_file, "a.ibin");
    EXPECT_EQ(rows_of(ints, 1, 1), (Floats{16'777'216, 5, 6}));
    EXPECT_EQ(ints.info().row_stride, 12U);
    EXPECT_EQ(ints.info().data_offset, 8U);
    EXPECT_EQ(ints.info().type, ElementType::i32);
    ASSERT_TRUE(ints.raw().has_value());
    EXPECT_EQ(ints.raw()->size(), 24U);
    EXPECT_EQ(open(bytes(std::uint64_t{0}), "a.fbin").info().rows, 0U);
}

TEST(MatrixReader, BinFilesThatContradictTheirSizeAreRefused) {
    const auto with = [](std::uint32_t rows, std::uint32_t cols, std::size_t data) {
        return bytes(rows, cols, std::string(data, 'x'));
    };
    expect_says(
        refusal(bytes("1234"), "a.fbin"), "number of columns", "found 0", "a.fbin", "offset 4"
    );
    expect_says(refusal({}, "a.fbin"), "number of rows");
    expect_says(
        refusal(with(2, 3, 23), "a.fbin"), "24 bytes for 2 rows of 12 bytes", "found 23", "offset 8"
    );
    expect_says(refusal(with(2, 3, 25), "a.fbin"), "24 bytes", "found 25");
    expect_says(refusal(with(~0U, 65'536, 4), "a.fbin"), "found 4");
    expect_says(refusal(with(1, 65'537, 4), "a.u8bin"), "65536 columns at most", "offset 4");
    expect_says(refusal(with(1, ~0U, 4), "a.i8bin"), "65536 columns at most");
    expect_says(refusal(with(~0U, 0, 0), "a.ibin"), "one column at least");
}

TEST(MatrixReader, ReadsVecs) {
    const Bytes file = bytes(2, 1.5F, 2.5F, 2, 3.5F, 4.5F, 2, 5.5F, 6.5F);
    const MatrixReader reader = open(file, "a.fvecs");
    EXPECT_EQ(reader.info().rows, 3U);
    EXPECT_EQ(reader.info().cols, 2U);
    EXPECT_EQ(reader.info().row_stride, 12U);
    EXPECT_FALSE(reader.raw().has_value());
    EXPECT_EQ(rows_of(reader, 1, 2), (Floats{3.5F, 4.5F, 5.5F, 6.5F}));
    Bytes elements(16);
    reader.read_elements(1, 2, elements);
    EXPECT_EQ(elements, bytes(3.5F, 4.5F, 5.5F, 6.5F));
    EXPECT_EQ(
        all_of(open(bytes(3, "\x01\x02\xff", 3, "\x04\x05\x06"), "a.bvecs")),
        (Floats{1, 2, 255, 4, 5, 6})
    );
    EXPECT_EQ(all_of(open(bytes(1, -7, 1, 8), "a.ivecs")), (Floats{-7, 8}));
    EXPECT_EQ(open({}, "a.ivecs").info().rows, 0U);
}

TEST(MatrixReader, AVecsRowOfAnotherLengthIsRefusedWhereItIsRead) {
    const Bytes file = bytes(2, 1.F, 2.F, 1, 3.F, 4.F, 2, 5.F, 6.F);
    const MatrixReader reader = open(file, "a.fvecs");
    EXPECT_EQ(rows_of(reader, 0, 1), (Floats{1, 2}));
    EXPECT_EQ(rows_of(reader, 2, 1), (Floats{5, 6}));
    reader.check(2, 1);
    Bytes elements(8);
    for (const std::string& message :
         {thrown<FormatError>([&] { (void)all_of(reader); }),
          thrown<FormatError>([&] { reader.check(0, 3); }),
          thrown<FormatError>([&] { reader.read_elements(1, 1, elements); })}) {
        expect_says(message, "row 1 to have 2 columns", "found 1", "a.fvecs", "offset 12");
    }
}

TEST(MatrixReader, VecsThatContradictTheirSizeAreRefused) {
    expect_says(refusal(bytes("123"), "a.fvecs"), "4 bytes of the number of columns", "found 3");
    expect_says(refusal(bytes(-1, 1.F), "a.fvecs"), "1 to 65536 columns", "found -1", "offset 0");
    expect_says(refusal(bytes(0), "a.ivecs"), "1 to 65536 columns", "found 0");
    expect_says(refusal(bytes(65'537, "x"), "a.bvecs"), "1 to 65536 columns");
    expect_says(
        refusal(bytes(2, 1.F, 2.F, 2, 1.F), "a.fvecs"),
        "12 bytes each",
        "8 bytes at the end",
        "offset 12"
    );
    expect_says(refusal(bytes(3, 1.F), "a.fvecs"), "16 bytes each", "8 bytes at the end");
}

TEST(MatrixReader, ReadsNpy) {
    const Bytes vector_file =
        npy(entry("<i8", "False", "(2,)"), bytes(std::int64_t{5}, std::int64_t{-6}));
    const MatrixReader one = open(vector_file, "a.npy");
    EXPECT_EQ(one.info().rows, 2U);
    EXPECT_EQ(one.info().cols, 1U);
    EXPECT_EQ(all_of(one), (Floats{5, -6}));
    EXPECT_EQ(one.info().variant, "npy 1.0");
    const Bytes fortran_file =
        npy(entry("<f4", "True", "(2, 3)"), bytes(1.F, 4.F, 2.F, 5.F, 3.F, 6.F));
    const MatrixReader fortran = open(fortran_file, "a.npy");
    EXPECT_EQ(all_of(fortran), (Floats{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(rows_of(fortran, 1, 1), (Floats{4, 5, 6}));
    EXPECT_FALSE(fortran.raw().has_value());
    Bytes elements(12);
    fortran.read_elements(1, 1, elements);
    EXPECT_EQ(elements, bytes(4.F, 5.F, 6.F));
    // other spellings of the dictionary
    EXPECT_EQ(
        all_of(open(
            npy("{\"shape\":(1L,2),'fortran_order':False,'descr':'|u1'}", bytes("\x05\x06")),
            "a.npy"
        )),
        (Floats{5, 6})
    );
    EXPECT_EQ(open(npy(entry("<f8", "False", "(0, 7)")), "a.npy").info().cols, 7U);
}

TEST(MatrixReader, ByteOrdersOfNpy) {
    for (const std::string descr : {"<u1", "|u1", ">u1", "=u1", "u1"}) {
        const Bytes file = npy(entry(descr, "False", "(2,)"), bytes("\x05\xff"));
        EXPECT_EQ(all_of(open(file, "a.npy")), (Floats{5, 255})) << descr;
    }
    for (const std::string descr : {"<i1", "|i1", ">i1", "i1"}) {
        const Bytes file = npy(entry(descr, "False", "(2,)"), bytes("\x05\xff"));
        EXPECT_EQ(all_of(open(file, "a.npy")), (Floats{5, -1})) << descr;
    }
    for (const std::string descr : {"<f4", "=f4", "|f4", "f4"}) {
        const Bytes file = npy(entry(descr, "False", "(2,)"), bytes(5.F, 6.F));
        EXPECT_EQ(all_of(open(file, "a.npy")), (Floats{5, 6})) << descr;
    }
}

TEST(MatrixReader, AFileThatIsSomethingElseIsNamed) {
    const std::string lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n";
    for (const std::string name :
         {"a.npy", "a.fbin", "a.u8bin", "a.fvecs", "a.bvecs", "a.safetensors", "a.txt"}) {
        expect_says(refusal(bytes(lfs), name), "expected a matrix of ", "a Git LFS pointer", name);
        expect_says(refusal(bytes("\x1f\x8b\x08 gzip"), name), "gzip data: unpack it");
        expect_says(refusal(bytes("PK\3\4 an npz"), name), "a zip archive");
        expect_says(
            refusal(
                bytes(std::string_view{
                    "1\0 \0"
                    "2\0\n\0",
                    8}),
                name
            ),
            "UTF-16"
        );
    }
    // what fits its header is a matrix, whatever it begins with
    const Bytes rows = bytes(std::uint32_t{0x08088b1f}, std::uint32_t{0});
    expect_says(refusal(rows, "a.fbin"), "gzip data");
    const Bytes pickled = bytes(std::uint32_t{0x0280}, std::uint32_t{1}, Bytes(0x0280));
    EXPECT_EQ(open(pickled, "a.u8bin").info().rows, 0x0280U);
    const Bytes own = bytes("\x93NUMPY\x09\x09");
    expect_says(refusal(own, "a.npy"), "npy version");
    expect_says(refusal(own, "a.fbin"), "found a NumPy matrix");
}

TEST(MatrixReader, HostileNpyIsRefused) {
    const auto refused = [](const std::string& dictionary) {
        return refusal(npy(dictionary, bytes(1.F, 2.F)), "a.npy");
    };
    expect_says(refusal(bytes("\x93NUMP"), "a.npy"), "6 bytes of npy magic", "found 5");
    expect_says(refusal(bytes("NUMPY\1\1\1\1\1"), "a.npy"), "magic", "'NUMPY\\x01");
    expect_says(refusal(bytes("\x93NUMPY", '\4', '\0'), "a.npy"), "version 1.0, 2.0 or 3.0", "4.0");
    expect_says(refusal(bytes("\x93NUMPY", '\1', '\1'), "a.npy"), "1.1");
    expect_says(
        refusal(bytes("\x93NUMPY", '\1', '\0', std::uint16_t{500}, "{}"), "a.npy"),
        "500 bytes of npy header",
        "found 2",
        "offset 10"
    );
    expect_says(
        refusal(bytes("\x93NUMPY", '\2', '\0', ~std::uint32_t{0}, "{}"), "a.npy"),
        "65536 bytes at most"
    );
    expect_says(refused(""), "'{'", "end of the header");
    expect_says(refused("{}"), "keys 'descr', 'fortran_order' and 'shape'", "not all");
    expect_says(refused(entry("|O", "False", "(2,)")), "<f4", "found '|O'");
    expect_says(
        refused(entry(">f4", "False", "(2,)")), "little-endian", "a.astype('<f4')", "found '>f4'"
    );
    expect_says(refused(entry(">i8", "False", "(2,)")), "'>i8'");
    for (const std::string descr :
         {"<", "", "<u2", "|b1", "<<f4", "f", "<f44", "<U5", "|O", "<c8"}) {
        expect_says(
            refused(entry(descr, "False", "(2,)")), "a descr of <f2, <f4", "'" + descr + "'"
        );
    }
    expect_says(refused("{'descr': [('a', '<f4')], }"), "a string", "structured");
    expect_says(refused(entry("<f4", "Maybe", "(2,)")), "True or False", "'Maybe");
    expect_says(refused(entry("<f4", "False", "(2, 1, 1)")), "one or two dimensions", "found 3");
    expect_says(refused(entry("<f4", "False", "()")), "one or two dimensions", "found 0");
    expect_says(refused(entry("<f4", "False", "(-2,)")), "an extent", "'-2");
    expect_says(refused(entry("<f4", "False", "(18446744073709551616,)")), "an extent");
    expect_says(refused(entry("<f4", "False", "(4294967296, 4294967296)")), "fits into the file");
    expect_says(refused(entry("<f4", "False", "(4611686018427387904,)")), "fits into the file");
    expect_says(refused(entry("<f4", "False", "(18446744073709551615, 0)")), "one column at least");
    expect_says(refused(entry("<f4", "False", "(0, 4294967296)")), "65536 columns at most");
    expect_says(
        refused(entry("<f4", "False", "(3,)")), "12 bytes for 3 rows of 4 bytes", "found 8"
    );
    expect_says(refused(entry("<f4", "False", "(1,)")), "4 bytes for 1 rows of 4 bytes", "found 8");
    expect_says(refused(entry("<f4", "False", "(2 2)")), "','");
    expect_says(refused("{'descr': '<f4', 'descr': '<f4'}"), "once each", "'descr'", "offset 27");
    expect_says(refused("{'evil': '<f4'}"), "once each", "'evil'");
    expect_says(refused("{'descr': '<f4"), "end of a string");
    expect_says(refused("{'descr': '<\\x66'}"), "without escapes");
    expect_says(refused(entry("<f4", "False", "(2,)") + "x"), "nothing after");
    expect_says(
        refused(entry("<f4", "False", "(2,)") + std::string(1, '\0')), "nothing after", "'\\x00'"
    );
    std::string dimensions = "(";
    for (int i = 0; i < 40; ++i) {
        dimensions += "1, ";
    }
    expect_says(refused(entry("<f4", "False", dimensions + ")")), "32 dimensions at most");
}

TEST(MatrixReader, EveryHalfIsExact) {
    Bytes data;
    for (std::uint32_t bits = 0; bits < 65'536; ++bits) {
        data.push_back(static_cast<std::byte>(bits & 0xffU));
        data.push_back(static_cast<std::byte>(bits >> 8U));
    }
    const Bytes file = npy(entry("<f2", "False", "(65536, 1)"), data);
    const Floats all = all_of(open(file, "a.npy"));
    for (std::uint32_t bits = 0; bits < 65'536; ++bits) {
        const int exponent = static_cast<int>((bits >> 10U) & 31U);
        const double mantissa = bits & 0x3ffU;
        const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
        if (exponent == 31) {
            EXPECT_EQ(std::isnan(all[bits]), mantissa != 0);
            EXPECT_EQ(std::isinf(all[bits]), mantissa == 0);
        } else {
            const double expected = exponent == 0 ? std::ldexp(mantissa, -24)
                                                  : std::ldexp(1024 + mantissa, exponent - 25);
            ASSERT_EQ(all[bits], sign * expected) << bits;
        }
        ASSERT_EQ(std::signbit(all[bits]), sign < 0) << bits;
    }
}

TEST(MatrixReader, NumbersBeyondFloat32AreRoundedOrInfinite) {
    const Bytes file =
        npy(entry("<f8", "False", "(4,)"),
            bytes(0.1, 1e300, -1e300, std::numeric_limits<double>::quiet_NaN()));
    const Floats all = all_of(open(file, "a.npy"));
    EXPECT_EQ(all[0], 0.1F);
    EXPECT_EQ(all[1], std::numeric_limits<float>::infinity());
    EXPECT_EQ(all[2], -std::numeric_limits<float>::infinity());
    EXPECT_TRUE(std::isnan(all[3]));
}

TEST(MatrixReader, ReadsATensorByNameOrTheOnlyMatrix) {
    const std::string header =
        R"({"w":{"dtype":"F16","shape":[2,1],"data_offsets":[1,5]},"b":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}})";
    const Bytes sound =
        bytes(std::uint64_t{header.size()}, header, "\xff", std::array{0xc0003c00U});
    const MatrixReader only = open(sound, "a.safetensors");
    EXPECT_EQ(only.info().variant, "tensor 'w'");
    EXPECT_EQ(all_of(only), (Floats{1, -2}));
    EXPECT_EQ(all_of(MatrixReader::of_bytes(sound, "a.safetensors", {}, "b")), (Floats{-1}));
    expect_says(
        thrown<FormatError>([&] { (void)MatrixReader::of_bytes(sound, "a.safetensors", {}, "x"); }),
        "a tensor 'x'",
        "'b', 'w'"
    );
    const std::string two =
        R"({"w":{"dtype":"I8","shape":[1,1],"data_offsets":[0,1]},"v":{"dtype":"I8","shape":[1,1],"data_offsets":[1,2]},"u":{"dtype":"BF16","shape":[1,1],"data_offsets":[2,4]},"t":{"dtype":"I8","shape":[1,1,1],"data_offsets":[4,5]}})";
    const Bytes several = bytes(std::uint64_t{two.size()}, two, "abcde");
    expect_says(refusal(several, "a.safetensors"), "name of a tensor", "'w', 'v', 'u', 't'");
    EXPECT_EQ(all_of(MatrixReader::of_bytes(several, "a.safetensors", {}, "v")), (Floats{'b'}));
    expect_says(
        thrown<FormatError>([&] { (void)MatrixReader::of_bytes(several, "a.safetensors", {}, "u"); }
        ),
        "'BF16'"
    );
    expect_says(
        thrown<FormatError>([&] { (void)MatrixReader::of_bytes(several, "a.safetensors", {}, "t"); }
        ),
        "one or two dimensions of tensor 't'",
        "found 3"
    );
}

TEST(MatrixReader, WrongCallsAreRefused) {
    const Bytes file = bytes(std::array<std::uint32_t, 2>{2, 3}, std::array<float, 6>{});
    const MatrixReader reader = open(file, "a.fbin");
    Floats out(9);
    EXPECT_THROW(reader.read_rows(0, {out.data(), 3, 3}), ArgumentError);
    EXPECT_THROW(reader.read_rows(~std::uint64_t{0}, {out.data(), 1, 3}), ArgumentError);
    EXPECT_THROW(reader.read_rows(0, {out.data(), 1, 2}), ArgumentError);
    EXPECT_THROW(reader.check(1, 2), ArgumentError);
    Bytes elements(13);
    EXPECT_THROW(reader.read_elements(0, 1, elements), ArgumentError);
    EXPECT_THROW((void)MatrixReader{"a.unknown"}, ArgumentError);
    EXPECT_THROW((void)MatrixReader{"/no/such/file.npy"}, IoError);
    EXPECT_THROW((void)read_matrix_info(file, "f", MatrixFormat::text), ArgumentError);
    reader.read_rows(2, {out.data(), 0, 3});
}

TEST(MatrixReader, RowsGoIntoAViewWithAStrideAndReadersMove) {
    const Folder folder;
    MatrixReader first{folder.write("a.ivecs", 2, 1, 2, 2, 3, 4)};
    const MatrixReader reader{std::move(first)};
    Floats out(6, -1.0F);
    reader.read_rows(0, {out.data(), 2, 2, 3});
    EXPECT_EQ(out, (Floats{1, 2, -1, 3, 4, -1}));
    const MatrixReader named{
        folder.write("data", bytes(std::array<std::uint32_t, 2>{1, 1}, 2.5F)), MatrixFormat::fbin};
    EXPECT_EQ(all_of(named), (Floats{2.5F}));
    EXPECT_EQ(named.path(), folder.file("data"));
}

}  // namespace
}  // namespace kaygraph
