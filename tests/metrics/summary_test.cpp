#include <kaygraph/metrics/summary.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace kaygraph {
namespace {

TEST(Summary, IsZeroWhereNothingWasRecorded) {
    const Summary none;
    EXPECT_EQ(none.count(), 0U);
    EXPECT_EQ(none.mean().count(), 0);
    EXPECT_EQ(none.percentile(0.5).count(), 0);
    EXPECT_EQ(none.standard_deviation().count(), 0);
}

TEST(Summary, TellsSecondsOfNanoseconds) {
    Summary summary;
    summary.add(1'000);
    summary.add(3'000);
    EXPECT_DOUBLE_EQ(summary.mean().count(), 2e-6);
    EXPECT_DOUBLE_EQ(summary.min().count(), 1e-6);
    EXPECT_DOUBLE_EQ(summary.max().count(), 3e-6);
    EXPECT_DOUBLE_EQ(summary.sum().count(), 4e-6);
    EXPECT_NEAR(summary.standard_deviation().count(), std::sqrt(2.0) * 1e-6, 1e-12);
    EXPECT_EQ(summary.buckets()[10], 1U);  // 512 … 1,023
    EXPECT_EQ(summary.buckets()[12], 1U);  // 2,048 … 4,095
}

TEST(Summary, TakesAnyDuration) {
    Summary summary;
    summary.add(-5);
    summary.add(0);
    summary.add(std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(summary.buckets()[0], 2U);
    EXPECT_EQ(summary.buckets()[63], 1U);
}

RC_GTEST_PROP(
    SummaryProperty,
    MergedPartsAreTheWhole,
    (const std::vector<std::vector<unsigned>>& parts)
) {
    Summary whole;
    Summary merged;
    for (const auto& part : parts) {
        Summary summary;
        for (const unsigned value : part) {
            whole.add(value);
            summary.add(value);
        }
        merged.merge(summary);
    }
    RC_ASSERT(whole.count() == merged.count());
    RC_ASSERT(whole.buckets() == merged.buckets());
    RC_ASSERT(whole.min() == merged.min());
    RC_ASSERT(whole.max() == merged.max());
    RC_ASSERT(std::abs(whole.sum().count() - merged.sum().count()) <= 1e-12 * whole.sum().count());
}

RC_GTEST_PROP(SummaryProperty, APercentileIsInTheBucketOfTheTrueOne, ()) {
    auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(
        rc::gen::inRange<std::int64_t>(0, 1'000'000'000)
    ));
    const double share = *rc::gen::inRange(0, 101) / 100.0;
    Summary summary;
    for (const std::int64_t value : values) {
        summary.add(value);
    }
    std::sort(values.begin(), values.end());
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const std::int64_t truth = values[std::max<std::size_t>(rank, 1) - 1];
    const double told = summary.percentile(share).count() * 1e9;
    RC_ASSERT(told <= 2.0 * static_cast<double>(truth) + 1);
    RC_ASSERT(told >= 0.5 * static_cast<double>(truth) - 1);
    RC_ASSERT(
        summary.percentile(share) >= summary.min() && summary.percentile(share) <= summary.max()
    );
}

}  // namespace
}  // namespace kaygraph
