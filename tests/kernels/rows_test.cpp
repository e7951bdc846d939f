#include "kernels/reference.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/kernels/embedding_bag.hpp>
#include <kaygraph/kernels/pca.hpp>
#include <kaygraph/kernels/project.hpp>
#include <kaygraph/kernels/rows.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace kaygraph {
namespace {

using test::levels;
using test::some_floats;

/// Equal as bits: NaN is NaN, and zeros have signs.
void expect_same_bits(std::span<const float> a, std::span<const float> b) {
    ASSERT_EQ(a.size(), b.size());
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size_bytes()), 0);
}

TEST(Rows, DotAndDistanceAreTheReferencesWithinRounding) {
    for (const std::size_t n : test::lengths()) {
        const std::vector<float> a = some_floats(n, 1);
        const std::vector<float> b = some_floats(n, 2);
        std::vector<float> difference(n);
        for (std::size_t i = 0; i < n; ++i) {
            difference[i] = a[i] - b[i];
        }
        const double bound = static_cast<double>(n + 2) * 6e-8;
        const float dot = kernels::dot(a, b, kernels::SimdLevel::baseline);
        const float distance = kernels::squared_distance(a, b, kernels::SimdLevel::baseline);
        EXPECT_NEAR(
            dot, test::reference_dot(a, b), bound * test::reference_magnitude(a, b) + 1e-30
        );
        const double square = test::reference_dot(difference, difference);
        EXPECT_NEAR(distance, square, 2 * bound * square + 1e-30);
        for (const kernels::SimdLevel level : levels()) {
            EXPECT_EQ(
                std::bit_cast<std::uint32_t>(dot),
                std::bit_cast<std::uint32_t>(kernels::dot(a, b, level))
            ) << n
              << " elements on " << to_string(level);
            EXPECT_EQ(distance, kernels::squared_distance(a, b, level)) << n;
        }
    }
}

TEST(Rows, MisalignedRowsGiveTheSame) {
    const std::vector<float> a = some_floats(300, 3);
    const std::vector<float> b = some_floats(300, 4);
    for (std::size_t shift = 0; shift < 16; ++shift) {
        std::vector<float> moved(shift + 300);
        std::copy(a.begin(), a.end(), moved.begin() + static_cast<std::ptrdiff_t>(shift));
        for (const kernels::SimdLevel level : levels()) {
            EXPECT_EQ(
                kernels::dot(std::span{moved}.subspan(shift), b, level), kernels::dot(a, b, level)
            );
        }
    }
}

TEST(Rows, SpecialValuesPass) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (const kernels::SimdLevel level : levels()) {
        std::vector<float> a(37, 1.0F);
        const std::vector<float> ones(37, 1.0F);
        a[36] = infinity;
        EXPECT_EQ(kernels::dot(a, ones, level), infinity);
        a[3] = -infinity;
        EXPECT_TRUE(std::isnan(kernels::dot(a, ones, level)));
        const std::vector<float> tiny(37, std::numeric_limits<float>::denorm_min());
        EXPECT_EQ(kernels::dot(tiny, ones, level), 37 * std::numeric_limits<float>::denorm_min());
        EXPECT_EQ(kernels::cosine(std::vector<float>(37), ones, level), 0);
        EXPECT_NEAR(kernels::cosine(ones, ones, level), 1, 1e-6);
    }
}

TEST(Rows, NormalizedOnesHaveLengthOneAndZerosStay) {
    for (const std::size_t n : test::lengths()) {
        if (n == 0) {
            continue;
        }
        std::vector<float> rows = some_floats(3 * n, 5);
        std::fill(
            rows.begin() + static_cast<std::ptrdiff_t>(n),
            rows.begin() + static_cast<std::ptrdiff_t>(2 * n),
            0.0F
        );
        std::vector<float> expected = rows;
        kernels::normalize_rows({expected.data(), 3, n}, kernels::SimdLevel::baseline);
        EXPECT_NEAR(
            test::reference_dot(std::span{expected}.first(n), std::span{expected}.first(n)), 1, 1e-5
        );
        EXPECT_EQ(expected[n], 0);
        for (const kernels::SimdLevel level : levels()) {
            std::vector<float> own = rows;
            kernels::normalize_rows({own.data(), 3, n}, level);
            expect_same_bits(own, expected);
        }
    }
}

/// A table of 40 rows at an odd address.
struct Table {
    std::vector<std::byte> bytes;
    kernels::RowTable rows;
    std::vector<double> values;

    Table(std::size_t cols, ElementType type)
        : bytes(1 + 40 * cols * size_of(type)), values(40 * cols) {
        const std::vector<float> floats = some_floats(40 * cols, 6);
        for (std::size_t i = 0; i < floats.size(); ++i) {
            std::byte* at = bytes.data() + 1 + i * size_of(type);
            if (type == ElementType::f32) {
                std::memcpy(at, &floats[i], 4);
                values[i] = floats[i];
            } else if (type == ElementType::f16) {
                const auto half = static_cast<std::uint16_t>(i * 31 % 0x7C00 | (i % 2 << 15));
                std::memcpy(at, &half, 2);
                values[i] = test::reference_half(half);
            } else {
                const auto small = static_cast<std::int8_t>(i * 37 % 256);
                std::memcpy(at, &small, 1);
                values[i] = small;
            }
        }
        rows = {bytes.data() + 1, 40, cols, type};
    }
};

TEST(EmbeddingBag, IsTheReferencesOnEveryLevelForEveryType) {
    const std::vector<std::uint32_t> ids{0, 39, 7, 7, 12, 3, 0, 21, 22, 23, 24, 25, 26, 27, 28, 5};
    const std::vector<std::size_t> ends{0, 1, 5, 16};
    const std::vector<float> weights = some_floats(ids.size(), 7);
    for (const ElementType type : {ElementType::f32, ElementType::f16, ElementType::i8}) {
        for (const std::size_t cols :
             {1U, 2U, 3U, 4U, 7U, 8U, 15U, 16U, 17U, 50U, 100U, 127U, 256U, 300U}) {
            const Table table{cols, type};
            for (const bool is_weighted : {false, true}) {
                for (const kernels::Bag bag : {kernels::Bag::sum, kernels::Bag::mean}) {
                    const std::span<const float> used =
                        is_weighted ? std::span<const float>{weights} : std::span<const float>{};
                    std::vector<float> expected(ends.size() * cols, -1);
                    kernels::embedding_bag(
                        table.rows,
                        ids,
                        ends,
                        bag,
                        used,
                        {expected.data(), ends.size(), cols},
                        kernels::SimdLevel::baseline
                    );
                    for (std::size_t b = 0, first = 0; b < ends.size(); first = ends[b++]) {
                        for (std::size_t c = 0; c < cols; ++c) {
                            double sum = 0;
                            double magnitude = 0;
                            for (std::size_t i = first; i < ends[b]; ++i) {
                                const double term =
                                    table.values[ids[i] * cols + c]
                                    * (is_weighted ? static_cast<double>(weights[i]) : 1);
                                sum += term;
                                magnitude += std::abs(term);
                            }
                            const double n =
                                bag == kernels::Bag::mean
                                    ? std::max<double>(1, static_cast<double>(ends[b] - first))
                                    : 1;
                            EXPECT_NEAR(expected[b * cols + c], sum / n, 2e-6 * magnitude + 1e-30);
                        }
                    }
                    for (const kernels::SimdLevel level : levels()) {
                        std::vector<float> own(ends.size() * cols, -1);
                        kernels::embedding_bag(
                            table.rows, ids, ends, bag, used, {own.data(), ends.size(), cols}, level
                        );
                        expect_same_bits(own, expected);
                    }
                }
            }
        }
    }
}

TEST(Project, IsTheReferencesOnEveryLevel) {
    for (const std::size_t d : {1U, 5U, 64U, 100U}) {
        for (const std::size_t k : {1U, 3U, 16U, 17U, 63U, 64U, 65U, 130U}) {
            const std::vector<float> rows = some_floats(3 * d, 8);
            const std::vector<float> matrix = some_floats(d * k, 9);
            std::vector<float> expected(3 * k);
            kernels::project_rows(
                {rows.data(), 3, d},
                {matrix.data(), d, k},
                {expected.data(), 3, k},
                kernels::SimdLevel::baseline
            );
            for (std::size_t i = 0; i < 3; ++i) {
                for (std::size_t j = 0; j < k; ++j) {
                    double sum = 0;
                    double magnitude = 0;
                    for (std::size_t l = 0; l < d; ++l) {
                        const double term = static_cast<double>(rows[i * d + l])
                                            * static_cast<double>(matrix[l * k + j]);
                        sum += term;
                        magnitude += std::abs(term);
                    }
                    EXPECT_NEAR(expected[i * k + j], sum, 1e-5 * magnitude + 1e-30);
                }
            }
            for (const kernels::SimdLevel level : levels()) {
                std::vector<float> own(3 * k);
                kernels::project_rows(
                    {rows.data(), 3, d}, {matrix.data(), d, k}, {own.data(), 3, k}, level
                );
                expect_same_bits(own, expected);
            }
        }
    }
}

TEST(Pca, MomentsAreTheSameOnEveryLevelAndInParts) {
    constexpr std::size_t d = 37;
    const std::vector<float> rows = some_floats(200 * d, 10);
    std::vector<double> sums(d);
    std::vector<double> products(d * d);
    kernels::accumulate_moments(
        {rows.data(), 200, d}, sums, {products.data(), d, d}, kernels::SimdLevel::baseline
    );
    for (std::size_t i = 0; i < d; ++i) {
        for (std::size_t j = i; j < d; ++j) {
            double expected = 0;
            for (std::size_t r = 0; r < 200; ++r) {
                expected +=
                    static_cast<double>(rows[r * d + i]) * static_cast<double>(rows[r * d + j]);
            }
            EXPECT_EQ(products[i * d + j], expected);  // the same additions in the same order
        }
    }
    for (const kernels::SimdLevel level : levels()) {
        std::vector<double> own_sums(d);
        std::vector<double> own(d * d);
        kernels::accumulate_moments({rows.data(), 77, d}, own_sums, {own.data(), d, d}, level);
        kernels::accumulate_moments(
            {rows.data() + 77 * d, 123, d}, own_sums, {own.data(), d, d}, level
        );
        EXPECT_EQ(own_sums, sums);
        EXPECT_EQ(own, products);
    }
}

TEST(Pca, RefusesWhatHasNoAxes) {
    const std::vector<double> sums(2);
    const std::vector<double> products(4);
    const MatrixView<const double> square{products.data(), 2, 2};
    EXPECT_THROW(static_cast<void>(kernels::principal_axes(1, sums, square, 1)), ArgumentError);
    EXPECT_THROW(static_cast<void>(kernels::principal_axes(9, sums, square, 3)), ArgumentError);
    EXPECT_THROW(static_cast<void>(kernels::principal_axes(9, sums, square, 0)), ArgumentError);
    const kernels::PrincipalAxes axes =
        kernels::principal_axes(9, sums, square, 1);  // all vectors are equal
    EXPECT_EQ(axes.explained_shares[0], 0);
}

}  // namespace
}  // namespace kaygraph
