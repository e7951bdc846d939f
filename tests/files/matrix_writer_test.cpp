#include "support/bytes.hpp"
#include "support/faulty_files.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/files/matrix_writer.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace kaygraph {
namespace {

using test::bytes;
using test::Bytes;
using test::expect_says;
using test::FaultyFiles;
using test::FileCall;
using test::Folder;
using test::thrown;

constexpr std::array all_types{
    ElementType::f16,
    ElementType::f32,
    ElementType::f64,
    ElementType::i8,
    ElementType::u8,
    ElementType::i32,
    ElementType::i64};
constexpr std::array all_formats{
    MatrixFormat::npy,
    MatrixFormat::fbin,
    MatrixFormat::u8bin,
    MatrixFormat::i8bin,
    MatrixFormat::ibin,
    MatrixFormat::fvecs,
    MatrixFormat::bvecs,
    MatrixFormat::ivecs,
    MatrixFormat::text};

struct Shape {
    MatrixFormat format = MatrixFormat::npy;
    ElementType type = ElementType::f32;
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
};

class Writer final : public MatrixWriter {
public:
    Writer(FileSystem& files, const std::string& path, const Shape& shape)
        : MatrixWriter(files, path, shape.format, shape.type, shape.rows, shape.cols) {}
};

Bytes some_bytes(std::size_t n, std::uint32_t seed = 1) {
    std::mt19937 random{seed};
    Bytes all(n);
    std::generate(all.begin(), all.end(), [&] { return static_cast<std::byte>(random()); });
    return all;
}

/// Any bits; in text a NaN keeps no bits, so there are none.
Bytes some_elements(ElementType type, std::size_t n, bool without_nan) {
    Bytes all = some_bytes(n * size_of(type));
    for (std::size_t i = 0; without_nan && i < n; ++i) {
        std::byte* const high = &all[(i + 1) * size_of(type) - 1];
        if (type == ElementType::f16 || type == ElementType::f32 || type == ElementType::f64) {
            *high &= std::byte{0xbf};  // the exponent is not all ones
        }
    }
    return all;
}

std::string write(const std::string& path, const Shape& shape, const Bytes& elements) {
    Writer writer{posix_files(), path, shape};
    writer.create();
    writer.write_rows(0, elements);
    writer.sync_and_close();
    writer.publish();
    return path;
}

TEST(MatrixWriter, EachFormatGivesBackEachTypeThatItHolds) {
    const Folder folder;
    int n_pairs = 0;
    for (const MatrixFormat format : all_formats) {
        for (const ElementType type : all_types) {
            if (!can_hold(format, type)) {
                continue;
            }
            ++n_pairs;
            const std::string name =
                std::string{to_string(format)} + " " + std::string{to_string(type)};
            const bool is_text = format == MatrixFormat::text;
            const Bytes elements = some_elements(type, 70 * 5, is_text);
            const std::string path = write(
                folder.file(name), {.format = format, .type = type, .rows = 70, .cols = 5}, elements
            );
            EXPECT_FALSE(folder.has(name + ".part"));
            const bool half_text = is_text && type == ElementType::f16;
            const MatrixReader reader{path, format, "", half_text ? ElementType::f32 : type};
            ASSERT_EQ(reader.info().rows, 70U) << name;
            ASSERT_EQ(reader.info().cols, 5U) << name;
            if (half_text) {
                continue;  // its values are compared in AHalfIsWrittenAsItsExactValueInText
            }
            EXPECT_EQ(reader.info().type, type) << name;
            Bytes back(elements.size());
            reader.read_elements(0, 70, back);
            EXPECT_EQ(back, elements) << name;
        }
    }
    EXPECT_EQ(n_pairs, 21);  // npy and text hold seven each
}

TEST(MatrixWriter, AHalfIsWrittenAsItsExactValueInText) {
    const Folder folder;
    const Bytes halves = some_elements(ElementType::f16, 40, true);
    const Shape shape{.type = ElementType::f16, .rows = 8, .cols = 5};
    Shape text = shape;
    text.format = MatrixFormat::text;
    const MatrixReader exact{write(folder.file("a.npy"), shape, halves)};
    const MatrixReader written{write(folder.file("a.txt"), text, halves)};
    std::vector<float> a(40);
    std::vector<float> b(40);
    exact.read_rows(0, {a.data(), 8, 5});
    written.read_rows(0, {b.data(), 8, 5});
    EXPECT_EQ(a, b);
}

TEST(MatrixWriter, WritesTheBytesThatTheFormatsSay) {
    const Folder folder;
    const Bytes elements = bytes(1.5F, 2.F, 3.F, -4.F);
    write(folder.file("a.npy"), {.rows = 2, .cols = 2}, elements);
    const std::string npy = folder.read("a.npy");
    EXPECT_EQ(npy.size(), 128U + 16);
    EXPECT_EQ(npy.substr(0, 10), std::string("\x93NUMPY\1\0\x76\0", 10));
    EXPECT_EQ(npy.substr(10, 61), "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }  ");
    EXPECT_EQ(npy[127], '\n');
    write(folder.file("a.fbin"), {.format = MatrixFormat::fbin, .rows = 2, .cols = 2}, elements);
    EXPECT_EQ(bytes(folder.read("a.fbin")), bytes(2, 2, elements));
    write(folder.file("a.fvecs"), {.format = MatrixFormat::fvecs, .rows = 2, .cols = 2}, elements);
    EXPECT_EQ(bytes(folder.read("a.fvecs")), bytes(2, 1.5F, 2.F, 2, 3.F, -4.F));
    write(folder.file("a.txt"), {.format = MatrixFormat::text, .rows = 2, .cols = 2}, elements);
    EXPECT_EQ(folder.read("a.txt"), "1.5 2\n3 -4\n");
}

TEST(MatrixWriter, AMatrixWithoutRowsIsOneToo) {
    const Folder folder;
    for (const MatrixFormat format : all_formats) {
        const ElementType type = only_element_type(format).value_or(ElementType::f32);
        const std::string path =
            write(folder.file("empty"), {.format = format, .type = type, .cols = 3}, {});
        EXPECT_EQ((MatrixReader{path, format}.info().rows), 0U);
    }
}

TEST(MatrixWriter, RowsInAnyOrderFromManyThreadsAndProcessesGiveTheSameBytes) {
    constexpr std::uint64_t rows = 1000;
    constexpr std::uint64_t rows_at_once = 7;
    for (const MatrixFormat format : {MatrixFormat::npy, MatrixFormat::fbin, MatrixFormat::fvecs}) {
        const Folder folder;
        const Shape shape{.format = format, .rows = rows, .cols = 9};
        const Bytes elements = some_bytes(rows * 9 * sizeof(float));
        write(folder.file("once"), shape, elements);
        std::vector<std::uint64_t> order;
        for (std::uint64_t first = 0; first < rows; first += rows_at_once) {
            order.push_back(first);
            order.push_back(first);  // twice is harmless
        }
        std::shuffle(order.begin(), order.end(), std::mt19937{7});
        // two writers stand for two processes
        Writer one{posix_files(), folder.file("many"), shape};
        Writer other{posix_files(), folder.file("many"), shape};
        one.create();
        other.open();
        std::atomic<std::size_t> next{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (std::size_t i = next++; i < order.size(); i = next++) {
                    const std::uint64_t n = std::min(rows_at_once, rows - order[i]);
                    (t % 2 == 0 ? one : other)
                        .write_rows(order[i], std::span{elements}.subspan(order[i] * 36, n * 36));
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        EXPECT_FALSE(folder.has("many"));
        other.sync_and_close();
        one.sync_and_close();
        one.publish();
        EXPECT_EQ(folder.read("many"), folder.read("once"));
        EXPECT_FALSE(folder.has("many.part"));
    }
}

TEST(MatrixWriter, LargeRowsOfVecsAreWrittenInParts) {
    const Folder folder;
    const Shape shape{
        .format = MatrixFormat::bvecs, .type = ElementType::u8, .rows = 50, .cols = 65'536};
    const Bytes elements = some_bytes(50 * 65'536);
    const MatrixReader reader{write(folder.file("a.bvecs"), shape, elements)};
    Bytes back(elements.size());
    reader.read_elements(0, 50, back);
    EXPECT_EQ(back, elements);
}

std::string refusal(const Shape& shape) {
    return thrown<ArgumentError>([&] { Writer{posix_files(), "/no/a.out", shape}; });
}

TEST(MatrixWriter, WhatAFormatCannotHoldIsRefusedBeforeAnyEffect) {
    expect_says(
        refusal({.format = MatrixFormat::fbin, .type = ElementType::i8, .rows = 1, .cols = 1}),
        "fbin holds f32 alone",
        "i8 can be written as npy, i8bin, text",
        "/no/a.out"
    );
    expect_says(
        refusal({.format = MatrixFormat::bvecs, .type = ElementType::f16, .rows = 1, .cols = 1}),
        "bvecs holds u8 alone",
        "npy, text"
    );
    expect_says(
        refusal({.format = MatrixFormat::safetensors, .rows = 1, .cols = 1}), "read only", "fvecs"
    );
    expect_says(
        refusal({.format = MatrixFormat::fbin, .rows = std::uint64_t{1} << 32U, .cols = 1}),
        "2^32 - 1 rows",
        "4294967296"
    );
    for (const MatrixFormat format :
         {MatrixFormat::fbin, MatrixFormat::fvecs, MatrixFormat::text}) {
        expect_says(refusal({.format = format, .rows = 1, .cols = 65'537}), "65536 columns", "npy");
    }
    expect_says(refusal({.rows = 1, .cols = 0}), "no columns");
    expect_says(refusal({.rows = ~std::uint64_t{0}, .cols = 4}), "larger than a file");
    expect_says(refusal({.rows = 1, .cols = std::uint64_t{1} << 62U}), "larger than a file");
    expect_says(refusal({.rows = 1, .cols = std::uint64_t{1} << 61U}), "larger than a file");
}

TEST(MatrixWriter, WrongCallsAreRefused) {
    const Folder folder;
    Writer writer{posix_files(), folder.file("a.npy"), {.rows = 2, .cols = 2}};
    const Bytes row = bytes(1.F, 2.F);
    expect_says(thrown<ArgumentError>([&] { writer.write_rows(0, row); }), "not open");
    writer.create();
    expect_says(thrown<ArgumentError>([&] { writer.write_rows(2, row); }), "not within", "of 2");
    EXPECT_THROW(writer.write_rows(~std::uint64_t{0}, row), ArgumentError);
    expect_says(
        thrown<ArgumentError>([&] { writer.write_rows(0, bytes(1.F)); }), "whole rows of 8"
    );
    expect_says(thrown<ArgumentError>([&] { writer.publish(); }), "after it was synced");
    writer.write_rows(2, {});
    writer.discard();
    EXPECT_FALSE(folder.has("a.npy.part"));
    writer.discard();
    Writer text{
        posix_files(), folder.file("a.txt"), {.format = MatrixFormat::text, .rows = 2, .cols = 2}};
    EXPECT_THROW(text.open(), ArgumentError);
    text.create();
    expect_says(thrown<ArgumentError>([&] { text.write_rows(1, row); }), "expected row 0, got 1");
    text.write_rows(0, row);
    text.sync_and_close();
    expect_says(thrown<ArgumentError>([&] { text.publish(); }), "2 rows", "got 1");
    EXPECT_FALSE(folder.has("a.txt"));
}

TEST(MatrixWriter, AStalePartIsReplacedAndAnUnfinishedOneIsFinished) {
    const Folder folder;
    folder.write("a.fvecs.part", std::string(1000, 'x'));
    const Shape shape{.format = MatrixFormat::fvecs, .rows = 2, .cols = 1};
    {
        Writer killed{posix_files(), folder.file("a.fvecs"), shape};
        killed.create();
        killed.write_rows(1, bytes(6.F));
    }
    Writer resumed{posix_files(), folder.file("a.fvecs"), shape};
    resumed.open();
    resumed.write_rows(0, bytes(5.F));
    resumed.sync_and_close();
    resumed.publish();
    EXPECT_EQ(bytes(folder.read("a.fvecs")), bytes(1, 5.F, 1, 6.F));
}

TEST(MatrixWriter, APartOfAnotherSizeIsNeitherOpenedNorPublished) {
    const Folder folder;
    const Shape shape{.rows = 2, .cols = 1};
    Writer writer{posix_files(), folder.file("a.npy"), shape};
    expect_says(thrown<IoError>([&] { writer.open(); }), "136 bytes", "found none", "a.npy.part");
    EXPECT_FALSE(folder.has("a.npy.part"));
    writer.create();
    std::filesystem::resize_file(folder.file("a.npy.part"), 100);
    Writer other{posix_files(), folder.file("a.npy"), shape};
    expect_says(thrown<IoError>([&] { other.open(); }), "136 bytes", "found 100");
    writer.sync_and_close();
    expect_says(thrown<IoError>([&] { writer.publish(); }), "136 bytes to publish", "found 100");
    EXPECT_FALSE(folder.has("a.npy"));
}

/// The whole protocol; throws where a call fails.
void write_all(FileSystem& files, const std::string& path, const Shape& shape) {
    Writer writer{files, path, shape};
    writer.create();
    Writer other{files, path, shape};
    if (shape.format != MatrixFormat::text) {
        other.open();
        other.sync_and_close();
    }
    const Bytes elements = some_elements(ElementType::f32, 12, true);
    writer.write_rows(0, std::span{elements}.first(24));
    writer.write_rows(2, std::span{elements}.subspan(24));
    writer.sync_and_close();
    writer.publish();
}

TEST(MatrixWriter, WhicheverCallFailsNothingUnfinishedGetsTheName) {
    for (const MatrixFormat format :
         {MatrixFormat::npy, MatrixFormat::fbin, MatrixFormat::fvecs, MatrixFormat::text}) {
        const Folder folder;
        const Shape shape{.format = format, .rows = 4, .cols = 3};
        FaultyFiles sound{posix_files()};
        write_all(sound, folder.file("sound"), shape);
        const std::string whole = folder.read("sound");
        const std::vector<FileCall> calls = sound.calls();
        ASSERT_GT(calls.size(), 8U);
        for (std::size_t n = 0; n < calls.size(); ++n) {
            for (const bool lasts : {false, true}) {
                folder.write("a", "old");
                FaultyFiles files{
                    posix_files(),
                    test::Fault{.call = n, .error = ENOSPC, .written_first = 5, .lasts = lasts}};
                expect_says(
                    thrown<IoError>([&] { write_all(files, folder.file("a"), shape); }),
                    "No space left"
                );
                // once the rename is done the file is whole, though the name may not survive a power cut
                const bool is_named = calls[n] == FileCall::sync_directory;
                EXPECT_EQ(folder.read("a"), is_named ? whole : "old") << "call " << n;
            }
        }
    }
}

TEST(MatrixWriter, AfterAFailureItNeitherSyncsNorPublishes) {
    const Folder folder;
    for (const FileCall kind : {FileCall::write_at, FileCall::sync, FileCall::close}) {
        FaultyFiles files{
            posix_files(), test::Fault{.call = kind == FileCall::write_at ? 1U : 0U, .kind = kind}};
        Writer writer{files, folder.file("a.npy"), {.rows = 1, .cols = 1}};
        writer.create();
        EXPECT_THROW(
            {
                writer.write_rows(0, bytes(1.F));
                writer.sync_and_close();
            },
            IoError
        );
        expect_says(thrown<IoError>([&] { writer.publish(); }), "failed earlier", "a.npy.part");
        if (kind != FileCall::close) {
            expect_says(thrown<IoError>([&] { writer.sync(); }), "failed earlier");
        }
        writer.discard();
        EXPECT_FALSE(folder.has("a.npy.part"));
    }
    EXPECT_FALSE(folder.has("a.npy"));
}

RC_GTEST_PROP(MatrixWriter, AnyShapeComesBack, ()) {
    const auto rows = *rc::gen::inRange<std::uint64_t>(0, 200);
    const auto cols = *rc::gen::inRange<std::uint64_t>(1, 40);
    const auto format = *rc::gen::elementOf(all_formats);
    const auto type = only_element_type(format).value_or(
        *rc::gen::element(ElementType::f32, ElementType::i64, ElementType::u8)
    );
    const Folder folder;
    const Bytes elements = some_elements(type, rows * cols, format == MatrixFormat::text);
    const std::string path = write(
        folder.file("a"), {.format = format, .type = type, .rows = rows, .cols = cols}, elements
    );
    const MatrixReader reader{path, format, "", type};
    RC_ASSERT(reader.info().rows == rows);
    const auto first = rows == 0 ? 0 : *rc::gen::inRange<std::uint64_t>(0, rows);
    const std::uint64_t n = rows - first;
    Bytes back(n * cols * size_of(type));
    reader.read_elements(first, n, back);
    RC_ASSERT(std::equal(
        back.begin(), back.end(), elements.end() - static_cast<std::ptrdiff_t>(back.size())
    ));
}

}  // namespace
}  // namespace kaygraph
