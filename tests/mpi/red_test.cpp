// Fails on rank 2 alone, to prove that somebody notices.
#include "support/ranks.hpp"

#include <gtest/gtest.h>

TEST(Red, FailsOnRankTwo) {
    EXPECT_NE(kaygraph::test::ranks().rank(), 2);
}
