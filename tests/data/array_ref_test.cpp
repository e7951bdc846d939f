#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/data/array_ref.hpp>
#include <kaygraph/data/map_guard.hpp>
#include <kaygraph/files/matrix_writer.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::Folder;
using test::thrown;

/// An .fbin of numbers from 0 on.
std::string numbers(const Folder& folder, std::uint32_t rows, std::uint32_t cols) {
    std::vector<float> elements(std::size_t{rows} * cols);
    std::iota(elements.begin(), elements.end(), 0.0F);
    return folder.write("numbers.fbin", rows, cols, elements);
}

TEST(ArrayRef, OpensWhatItRefersTo) {
    const Folder folder;
    const ArrayRef<float> ref{numbers(folder, 5, 3)};
    EXPECT_EQ(ref.rows(), 5U);
    EXPECT_EQ(ref.cols(), 3U);
    const MappedArray<float> array = ref.open();
    EXPECT_EQ(array.rows(2, 2)(1, 2), 11.0F);
    EXPECT_EQ(array.all().rows(), 5U);
}

TEST(ArrayRef, CountsAFewBytesAndTravels) {
    const Folder folder;
    const ArrayRef<float> ref{numbers(folder, 10'000, 3)};
    EXPECT_LT(bytes_of(ref), 300U);
    const auto travelled = decode<ArrayRef<float>>(encode(ref));
    EXPECT_EQ(travelled, ref);
    EXPECT_EQ(travelled.open().rows(9'999, 1)(0, 2), 29'999.0F);
}

TEST(ArrayRef, AnotherTypeOrOrderIsRefused) {
    const Folder folder;
    const std::string path = numbers(folder, 5, 3);
    expect_says(
        thrown<FormatError>([&] { ArrayRef<double>{path}; }),
        "expected an array of f64, found one of f32",
        path
    );
    const std::string text = folder.write("rows.txt", "1 2\n3 4\n");
    expect_says(thrown<ArgumentError>([&] { ArrayRef<float>{text}; }), "row by row", "convert");
    thrown<IoError>([&] { ArrayRef<float>{folder.file("none.npy")}; });
    thrown<Error>([] { static_cast<void>(ArrayRef<float>{}.open()); });
}

TEST(ArrayRef, AFileThatHasChangedIsRefused) {
    const Folder folder;
    const std::string path = numbers(folder, 5, 3);
    const ArrayRef<float> ref{path};
    std::filesystem::last_write_time(
        path, std::filesystem::last_write_time(path) + std::chrono::seconds{1}
    );
    expect_says(thrown<FormatError>([&] { static_cast<void>(ref.open()); }), "has changed", path);
    const ArrayRef<float> again{path};
    const MappedArray<float> array = again.open();
    std::filesystem::resize_file(path, 20);
    expect_says(
        thrown<FormatError>([&] { static_cast<void>(array.rows(0, 1)); }), "was cut", "to 20 bytes"
    );
    thrown<FormatError>([&] { static_cast<void>(again.open()); });
    std::filesystem::remove(path);
    thrown<IoError>([&] { static_cast<void>(again.open()); });
}

TEST(ArrayRef, RowsBeyondTheEndAreRefused) {
    const Folder folder;
    const MappedArray<float> array = ArrayRef<float>{numbers(folder, 5, 3)}.open();
    EXPECT_EQ(array.rows(5, 0).rows(), 0U);
    thrown<ArgumentError>([&] { static_cast<void>(array.rows(4, 2)); });
    thrown<ArgumentError>([&] { static_cast<void>(array.rows(6, 0)); });
    thrown<ArgumentError>([&] { static_cast<void>(array.rows(1, static_cast<std::size_t>(-1))); });
}

float sum(MatrixView<const float> rows) {
    float total = 0;
    for (std::size_t r = 0; r < rows.rows(); ++r) {
        total = std::accumulate(rows.row(r).begin(), rows.row(r).end(), total);
    }
    return total;
}

TEST(ArrayRef, UnderAGuardAFileThatIsCutWhileItIsReadIsAnError) {
    const Folder folder;
    const std::string path = numbers(folder, 100'000, 4);
    const MapGuard guard;
    const MappedArray<float> array = ArrayRef<float>{path}.open();
    const MatrixView<const float> rows = array.all();
    std::filesystem::resize_file(path, 4096);
    EXPECT_GE(sum(rows), 0.0F);  // zeros where nothing is
    expect_says(thrown<FormatError>([&] { array.check(); }), "was cut");
    std::ofstream{path, std::ios::app} << "as if nothing had been";
    thrown<FormatError>([&] { array.check(); });
}

/// Ended by SIGBUS, or by a sanitizer that took it.
bool has_died(int status) {
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

TEST(ArrayRefDeathTest, WithoutAGuardTheSignalIsThatOfTheSystem) {
    const Folder folder;
    const std::string path = numbers(folder, 100'000, 4);
    const MappedArray<float> array = ArrayRef<float>{path}.open();
    const MatrixView<const float> rows = array.all();
    std::filesystem::resize_file(path, 4096);
    const auto read_all = [&] {
        std::_Exit(sum(rows) == -1.0F ? 3 : 0);
    };
    EXPECT_EXIT(read_all(), has_died, "");
    { const MapGuard ended; }
    EXPECT_EXIT(read_all(), has_died, "");
}

}  // namespace
}  // namespace kaygraph
