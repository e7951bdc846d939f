#include <kaygraph/base/decimal.hpp>

#include <gtest/gtest.h>

namespace kaygraph {
namespace {

TEST(Decimal, WritesDigitsAsAsked) {
    EXPECT_EQ(fixed_decimal(1.25, 1), "1.2");
    EXPECT_EQ(fixed_decimal(-0.5, 3), "-0.500");
    EXPECT_EQ(fixed_decimal(1e308, 0).size(), 309U);
    EXPECT_EQ(short_decimal(1.25, 3), "1.25");
    EXPECT_EQ(short_decimal(3e10, 3), "3e+10");
}

}  // namespace
}  // namespace kaygraph
