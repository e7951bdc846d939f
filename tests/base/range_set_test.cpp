#include <kaygraph/base/range_set.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <utility>
#include <vector>

namespace kaygraph {
namespace {

TEST(RangeSet, MergesWhatTouches) {
    RangeSet set;
    set.add(0, 2);
    set.add(4, 6);
    EXPECT_EQ(set.ranges().size(), 2U);
    set.add(2, 4);
    EXPECT_EQ(set.ranges().size(), 1U);
    EXPECT_EQ(set.size(), 6U);
    set.add(3, 3);
    EXPECT_EQ(set.size(), 6U);
}

RC_GTEST_PROP(
    RangeSetProperty,
    IsTheSetOfItsIndices,
    (const std::vector<std::pair<unsigned char, unsigned char>>& adds)
) {
    RangeSet ranges;
    std::set<std::size_t> indices;
    for (const auto& add : adds) {
        const std::size_t first = add.first;
        const std::size_t last = first + add.second % 16;
        ranges.add(first, last);
        for (std::size_t i = first; i < last; ++i) {
            indices.insert(i);
        }
    }
    RC_ASSERT(ranges.size() == indices.size());
    RC_ASSERT(ranges.empty() == indices.empty());
    for (std::size_t i = 0; i < 300; ++i) {
        RC_ASSERT(ranges.contains(i) == (indices.count(i) != 0));
    }
    std::size_t previous_last = 0;
    for (const auto& [first, last] : ranges.ranges()) {
        RC_ASSERT(first < last);
        RC_ASSERT(first == 0 || first > previous_last);  // disjoint, and not touching
        previous_last = last;
    }
}

}  // namespace
}  // namespace kaygraph
