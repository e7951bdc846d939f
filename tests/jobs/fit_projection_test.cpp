#include "jobs/texts.hpp"

#include "support/ranks.hpp"

#include <kaygraph/files/matrix_reader.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/jobs/fit_projection.hpp>
#include <kaygraph/kernels/rows.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::SharedFolder;

/// Vectors that vary by 10 along (3, 4, 0) / 5, by 2 along (0, 0, 1), by 0.1 along (-4, 3, 0) / 5, around an offset.
std::string skewed_fbin(std::uint32_t n) {
    constexpr std::uint32_t d = 3;
    std::string bytes(8 + std::size_t{4} * n * d, '\0');
    std::memcpy(bytes.data(), &n, 4);
    std::memcpy(bytes.data() + 4, &d, 4);
    std::mt19937 random{5};
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < n; ++i) {
        const double a = 10 * normal(random);
        const double b = 2 * normal(random);
        const double c = 0.1 * normal(random);
        const float row[d] = {
            static_cast<float>(100 + 0.6 * a - 0.8 * c),
            static_cast<float>(-50 + 0.8 * a + 0.6 * c),
            static_cast<float>(7 + b)};
        std::memcpy(bytes.data() + 8 + 12 * i, row, 12);
    }
    return bytes;
}

std::vector<float> rows_of(const std::string& path) {
    const MatrixReader reader{path};
    std::vector<float> rows(reader.info().rows * reader.info().cols);
    reader.read_rows(0, {rows.data(), reader.info().rows, reader.info().cols});
    return rows;
}

TEST(FitProjection, FindsTheAxesOfLargestVariance) {
    const SharedFolder folder;
    const std::string input = folder.write("a.fbin", skewed_fbin(20'000));
    const auto done = jobs::fit_projection(
        {.input = input, .out = folder / "axes.npy", .n_axes = 2}, {.ranks = test::ranks()}
    );
    ASSERT_EQ(done.explained_shares.size(), 2U);
    EXPECT_NEAR(done.explained_shares[0], 100 / 104.01, 0.01);
    test::exists(folder / "axes.npy");
    const std::vector<float> axes = rows_of(folder / "axes.npy");  // 3 × 2
    ASSERT_EQ(axes.size(), 6U);
    EXPECT_NEAR(axes[0], 0.6, 0.01);
    EXPECT_NEAR(axes[2], 0.8, 0.01);
    EXPECT_NEAR(axes[4], 0.0, 0.01);
    EXPECT_NEAR(axes[5], 1.0, 0.01);
}

TEST(FitProjection, ProjectsWhatIsEmbedded) {
    const SharedFolder folder;
    const std::string texts = folder.write("a.txt", test::as_lines(test::some_texts(500, 9)));
    const RunOptions run{.ranks = test::ranks()};
    jobs::embed({.inputs = {texts}, .model = "hash:40", .out = folder / "whole.npy"}, run);
    jobs::fit_projection(
        {.input = folder / "whole.npy", .out = folder / "axes.npy", .n_axes = 8}, run
    );
    const auto done = jobs::embed(
        {.inputs = {texts},
         .model = "hash:40",
         .out = folder / "small.npy",
         .normalize = jobs::Normalize::l2,
         .project = folder / "axes.npy"},
        run
    );
    EXPECT_EQ(done.cols, 8U);
    test::exists(folder / "small.npy");
    const std::vector<float> whole = rows_of(folder / "whole.npy");
    const std::vector<float> axes = rows_of(folder / "axes.npy");
    const std::vector<float> small = rows_of(folder / "small.npy");
    for (std::size_t i = 0; i < 500; ++i) {
        std::vector<double> expected(8);
        double norm = 0;
        for (std::size_t k = 0; k < 8; ++k) {
            for (std::size_t j = 0; j < 40; ++j) {
                expected[k] += double{whole[i * 40 + j]} * double{axes[j * 8 + k]};
            }
            norm += expected[k] * expected[k];
        }
        for (std::size_t k = 0; k < 8; ++k) {
            EXPECT_NEAR(small[i * 8 + k], norm > 0 ? expected[k] / std::sqrt(norm) : 0, 1e-5);
        }
    }
}

}  // namespace
}  // namespace kaygraph
