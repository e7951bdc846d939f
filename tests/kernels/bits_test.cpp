// The same bits on every machine: these values were found on x86-64, and hold wherever the tests run.
#include "kernels/reference.hpp"

#include <kaygraph/kernels/convert.hpp>
#include <kaygraph/kernels/embedding_bag.hpp>
#include <kaygraph/kernels/hash.hpp>
#include <kaygraph/kernels/pca.hpp>
#include <kaygraph/kernels/project.hpp>
#include <kaygraph/kernels/rows.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <string_view>
#include <vector>

namespace kaygraph {
namespace {

/// Numbers that no library function was asked for, whose last bit might differ.
std::vector<float> exact_floats(std::size_t n, unsigned seed) {
    std::mt19937 random{seed};
    std::vector<float> values(n);
    for (float& value : values) {
        const auto fraction = static_cast<float>(static_cast<int>(random() & 0xFFFFFFU) - 0x800000);
        value = std::ldexp(fraction, static_cast<int>(random() % 17U) - 31);
    }
    return values;
}

template <class T>
std::uint64_t bits_of(const std::vector<T>& values) {
    return kernels::hash_bytes(
        std::string_view{reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)}, 0
    );
}

constexpr std::size_t n_rows = 40;
constexpr std::size_t n_cols = 301;

std::vector<float> means(kernels::SimdLevel level) {
    const std::vector<float> table = exact_floats(n_rows * n_cols, 1);
    std::vector<std::uint32_t> ids(n_rows);
    std::iota(ids.begin(), ids.end(), 0U);
    const std::vector<std::size_t> ends{3, 10, 17, 40};
    std::vector<float> out(ends.size() * n_cols);
    kernels::embedding_bag(
        {.data = reinterpret_cast<const std::byte*>(table.data()), .rows = n_rows, .cols = n_cols},
        ids,
        ends,
        kernels::Bag::mean,
        {},
        {out.data(), ends.size(), n_cols},
        level
    );
    return out;
}

TEST(Bits, OfMeansAndNormsAreThoseOfEveryMachine) {  // NEON's division of xsimd 8.1 is an estimate
    for (const kernels::SimdLevel level : test::levels()) {
        std::vector<float> rows = means(level);
        EXPECT_EQ(bits_of(rows), 0xDED919E9D55AE5BCU) << to_string(level);
        kernels::normalize_rows({rows.data(), rows.size() / n_cols, n_cols}, level);
        EXPECT_EQ(bits_of(rows), 0xC2336BBBD184DFA6U) << to_string(level);
    }
}

TEST(Bits, OfConversionsAndProductsAreThoseOfEveryMachine) {
    const std::vector<float> rows = exact_floats(3 * n_cols, 2);
    const std::vector<float> matrix = exact_floats(n_cols * 29, 3);
    for (const kernels::SimdLevel level : test::levels()) {
        std::vector<std::uint16_t> halves(rows.size());
        kernels::to_f16(rows, halves, level);
        EXPECT_EQ(bits_of(halves), 0x7B1D73B315CA905BU) << to_string(level);
        std::vector<std::int8_t> small(rows.size());
        kernels::to_i8(rows, small, 100.5F, level);
        EXPECT_EQ(bits_of(small), 0xE925A1EF5D5A01A6U) << to_string(level);
        std::vector<float> back(rows.size());
        kernels::from_i8(small, back, 100.5F, level);
        EXPECT_EQ(bits_of(back), 0xC5D5AE868936B7F2U) << to_string(level);
        std::vector<float> projected(3 * 29);
        kernels::project_rows(
            {rows.data(), 3, n_cols}, {matrix.data(), n_cols, 29}, {projected.data(), 3, 29}, level
        );
        EXPECT_EQ(bits_of(projected), 0xE6C1446F87EDD88AU) << to_string(level);
        const std::span<const float> all{rows};
        const std::vector<float> along{
            kernels::dot(all.first(n_cols), all.last(n_cols), level),
            kernels::squared_distance(all.first(n_cols), all.last(n_cols), level),
            kernels::cosine(all.first(n_cols), all.last(n_cols), level)};
        EXPECT_EQ(bits_of(along), 0xBA5E3712A47073DFU) << to_string(level);
    }
}

TEST(
    Bits,
    OfPrincipalAxesAreThoseOfEveryMachine
) {  // Eigen fuses products on ARM, and blocks by registers
    constexpr std::size_t d = 400;
    const std::vector<float> rows = exact_floats(2 * d * d, 4);
    std::vector<double> sums(d);
    std::vector<double> products(d * d);
    kernels::accumulate_moments({rows.data(), 2 * d, d}, sums, {products.data(), d, d});
    const kernels::PrincipalAxes axes =
        kernels::principal_axes(2 * d, sums, MatrixView<const double>{products.data(), d, d}, d);
    EXPECT_EQ(bits_of(axes.axes), 0x616B1EEB91490423U);
    EXPECT_EQ(bits_of(axes.explained_shares), 0x3659412175F99AE4U);
}

TEST(Bits, OfNanAreOneWhateverMadeIt) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::uint32_t other_bits = 0xFFC12345U;
    float other;
    std::memcpy(&other, &other_bits, sizeof(other));
    for (const kernels::SimdLevel level : test::levels()) {
        std::vector<float> row(37, 1.5F);
        volatile float huge = infinity;
        row[3] = huge - infinity;
        row[35] = other;
        row[36] = -infinity;
        kernels::unify_nans({row.data(), 1, row.size()}, level);
        for (std::size_t i = 0; i < row.size(); ++i) {
            std::uint32_t bits;
            std::memcpy(&bits, &row[i], sizeof(bits));
            const bool is_nan = i == 3 || i == 35;
            EXPECT_EQ(bits, is_nan ? 0x7FC00000U : i == 36 ? 0xFF800000U : 0x3FC00000U) << i;
        }
    }
}

}  // namespace
}  // namespace kaygraph
