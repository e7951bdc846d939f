// The kernels, by level, beside what memory gives: bytes read a second and rows a second.
#include <kaygraph/kernels/embedding_bag.hpp>
#include <kaygraph/kernels/rows.hpp>
#include <kaygraph/kernels/scan.hpp>
#include <kaygraph/kernels/simd_level.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace {

using kaygraph::ElementType;
using kaygraph::MatrixView;
namespace kernels = kaygraph::kernels;

kernels::SimdLevel level_of(const benchmark::State& state) {
    return static_cast<kernels::SimdLevel>(state.range(0));
}

bool skip_unless_here(benchmark::State& state) {
    const bool is_here = level_of(state) <= kernels::detected_simd_level();
    if (!is_here) {
        state.SkipWithError("this CPU does not have it");
    }
    state.SetLabel(std::string{kernels::to_string(level_of(state))});
    return !is_here;
}

/// Ranks by Zipf's law, scattered over the table as the words of a vocabulary are.
std::vector<std::uint32_t> zipf_ids(std::size_t n, std::size_t n_rows) {
    std::mt19937_64 random{1};
    std::vector<double> sums(n_rows);
    double sum = 0;
    for (std::size_t i = 0; i < n_rows; ++i) {
        sums[i] = sum += 1.0 / static_cast<double>(i + 1);
    }
    std::uniform_real_distribution<double> uniform{0, sum};
    std::vector<std::uint32_t> place(n_rows);
    for (std::size_t i = 0; i < n_rows; ++i) {
        place[i] = static_cast<std::uint32_t>(i);
    }
    std::shuffle(place.begin(), place.end(), random);
    std::vector<std::uint32_t> ids(n);
    for (std::uint32_t& id : ids) {
        const auto rank =
            std::lower_bound(sums.begin(), sums.end(), uniform(random)) - sums.begin();
        id = place[std::min(static_cast<std::size_t>(rank), n_rows - 1)];
    }
    return ids;
}

/// Bags of 24 rows of a table of f32.
void embedding_bag(benchmark::State& state) {
    if (skip_unless_here(state)) {
        return;
    }
    const auto n_rows = static_cast<std::size_t>(state.range(1));
    const auto cols = static_cast<std::size_t>(state.range(2));
    const std::vector<float> values(n_rows * cols, 0.5F);
    const kernels::RowTable table{
        reinterpret_cast<const std::byte*>(values.data()), n_rows, cols, ElementType::f32};
    constexpr std::size_t bag = 24;
    constexpr std::size_t n_bags = 170;  // a call of a model has a few thousand ids
    constexpr std::size_t n_calls = 50;
    const std::vector<std::uint32_t> ids = zipf_ids(bag * n_bags * n_calls, n_rows);
    std::vector<std::size_t> ends(n_bags);
    for (std::size_t i = 0; i < n_bags; ++i) {
        ends[i] = bag * (i + 1);
    }
    std::vector<float> out(n_bags * cols);
    std::size_t call = 0;
    for (auto _ : state) {
        const std::span<const std::uint32_t> of_call =
            std::span{ids}.subspan(call * bag * n_bags, bag * n_bags);
        kernels::embedding_bag(
            table,
            of_call,
            ends,
            kernels::Bag::sum,
            {},
            MatrixView<float>{out.data(), n_bags, cols},
            level_of(state)
        );
        benchmark::ClobberMemory();
        call = (call + 1) % n_calls;
    }
    const auto n = static_cast<std::int64_t>(bag * n_bags) * state.iterations();
    state.SetItemsProcessed(n);
    state.SetBytesProcessed(n * static_cast<std::int64_t>(table.row_bytes()));
}
BENCHMARK(embedding_bag)
    ->ArgNames({"level", "rows", "cols"})
    ->ArgsProduct({{0, 1, 2}, {256, 30'000, 1'000'000}, {100, 256}});

void normalize_rows(benchmark::State& state) {
    if (skip_unless_here(state)) {
        return;
    }
    const auto cols = static_cast<std::size_t>(state.range(1));
    constexpr std::size_t n = 64;
    std::vector<float> rows(n * cols, 0.5F);
    for (auto _ : state) {
        kernels::normalize_rows(MatrixView<float>{rows.data(), n, cols}, level_of(state));
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(rows.size() * 4));
}
BENCHMARK(normalize_rows)->ArgNames({"level", "cols"})->ArgsProduct({{0, 1, 2}, {100, 256}});

/// Sentences of 130 bytes, words of one to ten.
void split_fields(benchmark::State& state) {
    if (skip_unless_here(state)) {
        return;
    }
    std::mt19937 random{1};
    std::vector<std::string> texts(512);
    std::size_t n_bytes = 0;
    for (std::string& text : texts) {
        while (text.size() < 130) {
            text.append(1 + random() % 10, 'w').append(1, ' ');
        }
        n_bytes += text.size();
    }
    std::vector<kernels::Field> fields;
    for (auto _ : state) {
        for (const std::string& text : texts) {
            kernels::split_fields(text, kernels::Separators::space, fields, level_of(state));
            benchmark::DoNotOptimize(fields.data());
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(n_bytes));
}
BENCHMARK(split_fields)->ArgName("level")->DenseRange(0, 2);

}  // namespace
