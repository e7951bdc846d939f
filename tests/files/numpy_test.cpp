// What numpy writes we read, and what we write numpy reads.
#include "support/bytes.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/files/matrix_writer.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::Bytes;
using test::Folder;

/// Runs a program of Python with numpy as `np` in a folder; what it says is part of a failure.
void run_python(const Folder& folder, const std::string& program) {
    const std::string script = folder.write("program.py", "import numpy as np\n" + program);
    const std::string command =
        "cd '" + folder.path() + "' && /usr/bin/python3 '" + script + "' 2>&1";
    FILE* const pipe = ::popen(command.c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string said;
    std::array<char, 4096> buffer{};
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) != 0;) {
        said.append(buffer.data(), n);
    }
    ASSERT_EQ(::pclose(pipe), 0) << said;
}

/// What matrix() of the programs below holds: integers that every type can hold.
float element(std::uint64_t row, std::uint64_t col) {
    return static_cast<float>((row * 7 + col * 3) % 100);
}

void expect_matrix(const MatrixReader& reader, std::uint64_t rows, std::uint64_t cols) {
    ASSERT_EQ(reader.info().rows, rows) << reader.path();
    ASSERT_EQ(reader.info().cols, cols) << reader.path();
    std::vector<float> out(rows * cols);
    reader.read_rows(0, {out.data(), rows, cols});
    for (std::uint64_t i = 0; i < out.size(); ++i) {
        ASSERT_EQ(out[i], element(i / cols, i % cols)) << reader.path() << " element " << i;
    }
    // the same rows in their own type, in C order
    Bytes elements(rows * cols * size_of(reader.info().type));
    reader.read_elements(0, rows, elements);
    if (reader.raw()) {
        EXPECT_TRUE(std::equal(elements.begin(), elements.end(), reader.raw()->begin()));
    }
}

constexpr const char* matrix = R"(
def matrix(rows, cols, dtype):
    r, c = np.indices((rows, cols))
    return ((r * 7 + c * 3) % 100).astype(dtype)
)";

TEST(Numpy, WhatItWritesIsRead) {
    const Folder folder;
    run_python(folder, std::string{matrix} + R"(
from numpy.lib import format
for version in [(1, 0), (2, 0), (3, 0)]:
    for dtype in ['f2', 'f4', 'f8', 'i1', 'u1', 'i4', 'i8']:
        for order in 'CF':
            with open(f'{version[0]}-{dtype}-{order}.npy', 'wb') as file:
                format.write_array(file, np.asarray(matrix(13, 5, dtype), order=order), version=version)
np.save('vector.npy', matrix(13, 1, 'f4').ravel())
np.save('empty.npy', np.zeros((0, 4), 'f4'))
np.save('big.npy', matrix(13, 5, '>f4'))
np.save('objects.npy', np.array([[1, 'a']], dtype=object), allow_pickle=True)
np.savetxt('a.txt', matrix(13, 5, 'f4'))
np.savetxt('b.txt', matrix(13, 5, 'i4'), fmt='%d', delimiter=',')
with open('a.fbin', 'wb') as file:
    np.array([13, 5], 'u4').tofile(file)
    matrix(13, 5, 'f4').tofile(file)
rows = np.hstack([np.full((13, 1), 5, 'i4'), matrix(13, 5, 'i4')])
rows.tofile('a.ivecs')
)");
    for (const std::string version : {"1", "2", "3"}) {
        for (const std::string dtype : {"f2", "f4", "f8", "i1", "u1", "i4", "i8"}) {
            for (const std::string order : {"C", "F"}) {
                const MatrixReader reader{
                    folder.file(version + "-" + dtype + "-" + order + ".npy")};
                expect_matrix(reader, 13, 5);
                EXPECT_EQ(reader.info().variant, "npy " + version + ".0");
                EXPECT_EQ(reader.info().is_fortran, order == "F");
            }
        }
    }
    expect_matrix(MatrixReader{folder.file("vector.npy")}, 13, 1);
    EXPECT_EQ(MatrixReader{folder.file("empty.npy")}.info().cols, 4U);
    EXPECT_THROW(MatrixReader{folder.file("big.npy")}, FormatError);
    EXPECT_THROW(MatrixReader{folder.file("objects.npy")}, FormatError);
    for (const std::string name : {"a.txt", "b.txt", "a.fbin", "a.ivecs"}) {
        expect_matrix(MatrixReader{folder.file(name)}, 13, 5);
    }
}

TEST(Numpy, ItReadsWhatWeWrite) {
    const Folder folder;
    std::vector<float> elements(13 * 5);
    for (std::uint64_t i = 0; i < elements.size(); ++i) {
        elements[i] = element(i / 5, i % 5);
    }
    const Bytes floats = test::bytes(elements);
    const auto write = [&](const std::string& name, ElementType type, const Bytes& rows) {
        MatrixWriter writer{posix_files(), folder.file(name), format_of_path(name), type, 13, 5};
        writer.create();
        writer.write_rows(0, rows);
        writer.sync_and_close();
        writer.publish();
    };
    for (const std::string name : {"a.npy", "a.fbin", "a.fvecs", "a.txt"}) {
        write(name, ElementType::f32, floats);
    }
    Bytes small;
    for (const float value : elements) {
        small.push_back(static_cast<std::byte>(value));
    }
    write("i1.npy", ElementType::i8, small);
    write("u1.npy", ElementType::u8, small);
    write("a.u8bin", ElementType::u8, small);
    write("f2.npy", ElementType::f16, test::bytes(std::vector<std::uint16_t>(65, 0xbe00)));
    write(
        "i8.npy",
        ElementType::i64,
        test::bytes(std::vector<std::int64_t>(elements.begin(), elements.end()))
    );
    run_python(folder, std::string{matrix} + R"(
def equal(found, dtype):
    assert found.dtype == np.dtype(dtype), found.dtype
    assert np.array_equal(found, matrix(13, 5, dtype)), found
equal(np.load('a.npy'), '<f4')
equal(np.load('i1.npy'), 'i1')
equal(np.load('u1.npy'), 'u1')
equal(np.load('i8.npy'), '<i8')
assert np.load('f2.npy').dtype == '<f2' and (np.load('f2.npy') == -1.5).all()
equal(np.load('a.npy', mmap_mode='r'), '<f4')
assert list(np.fromfile('a.fbin', 'u4', 2)) == [13, 5]
equal(np.fromfile('a.fbin', 'f4', offset=8).reshape(13, 5), '<f4')
equal(np.fromfile('a.u8bin', 'u1', offset=8).reshape(13, 5), 'u1')
rows = np.fromfile('a.fvecs', 'i4').reshape(13, 6)
assert (rows[:, 0] == 5).all()
equal(rows[:, 1:].copy().view('f4'), '<f4')
equal(np.loadtxt('a.txt', dtype='f4'), '<f4')
)");
}

}  // namespace
}  // namespace kaygraph
