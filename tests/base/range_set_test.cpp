#include <kaygraph/base/range_set.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
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

/// Indices around the borders of pages, in steps that leave many gaps.
RC_GTEST_PROP(RangeSetProperty, OfManyPagesIsTheSetOfItsIndices, ()) {
    constexpr std::size_t page = 65'536;
    RangeSet ranges;
    std::vector<bool> indices(3 * page);
    const auto n_adds = *rc::gen::inRange(1, 6);
    for (int add = 0; add < n_adds; ++add) {
        const auto first = *rc::gen::inRange<std::size_t>(0, 2 * page);
        const auto n = *rc::gen::inRange<std::size_t>(0, 6'000);  // enough for bits
        const auto length = *rc::gen::element<std::size_t>(1, 2, 1000, page);
        const auto gap = *rc::gen::element<std::size_t>(0, 1, 3);
        for (std::size_t i = first; i < std::min(first + n, 3 * page); i += length + gap) {
            const std::size_t last = std::min(i + length, 3 * page);
            ranges.add(i, last);
            std::fill(
                indices.begin() + static_cast<std::ptrdiff_t>(i),
                indices.begin() + static_cast<std::ptrdiff_t>(last),
                true
            );
        }
    }
    const auto count = [](const std::vector<bool>& set) {
        return static_cast<std::size_t>(std::count(set.begin(), set.end(), true));
    };
    const auto same = [&](const RangeSet& set, const std::vector<bool>& wanted) {
        std::vector<bool> found(wanted.size());
        for (const auto& [first, last] : set.ranges()) {
            RC_ASSERT(first < last && last <= wanted.size());
            RC_ASSERT(first == 0 || !found[first - 1]);
            std::fill(
                found.begin() + static_cast<std::ptrdiff_t>(first),
                found.begin() + static_cast<std::ptrdiff_t>(last),
                true
            );
        }
        RC_ASSERT(found == wanted);
        RC_ASSERT(set.size() == count(wanted));
        RC_ASSERT(set.contains(0, set.bound()) == (set.size() == set.bound()));
        RC_ASSERT(
            set.bound() == 0 || (set.contains(set.bound() - 1) && !set.contains(set.bound()))
        );
    };
    same(ranges, indices);
    RC_ASSERT(decode<RangeSet>(encode(ranges)) == ranges);

    RangeSet holes;
    std::vector<bool> rest = indices;
    for (std::size_t i = *rc::gen::inRange<std::size_t>(0, page); i < rest.size(); i += 97) {
        holes.add(i, i + 2);
        rest[i] = false;
        if (i + 1 < rest.size()) {
            rest[i + 1] = false;
        }
    }
    same(ranges.without(holes), rest);
    RangeSet both = ranges.without(holes);
    both.add(holes);
    RC_ASSERT(both.size() == count(indices) + holes.without(ranges).size());
}

TEST(RangeSet, TakesABitForAnIndexHoweverScattered) {
    RangeSet scattered;
    for (std::size_t i = 0; i < 4'000'000; i += 4) {
        scattered.add(i, i + 1);
    }
    EXPECT_EQ(scattered.size(), 1'000'000U);
    EXPECT_LT(encode(scattered).size(), 4'000'000U / 8 + 10'000);
    RangeSet whole;
    whole.add(0, 1'000'000'000'000);
    EXPECT_LT(encode(whole).size(), 200U);
}

TEST(RangeSet, IsDecodedOnlyFromWhatItCouldBe) {
    const auto refused = [](const auto&... parts) {
        Encoder encoder;
        (encoder.put(parts), ...);
        EXPECT_THROW((void)decode<RangeSet>(encoder.bytes()), FormatError);
    };
    using Whole = std::map<std::size_t, std::size_t>;
    using Runs = std::vector<std::pair<std::uint16_t, std::uint16_t>>;
    using Bits = std::vector<std::uint64_t>;
    const std::uint64_t one = 1;
    const std::size_t page = 7;
    refused(Whole{{3, 2}}, std::uint64_t{0});
    refused(Whole{{0, ~std::size_t{0}}}, std::uint64_t{0});
    refused(Whole{}, one, page, Runs{}, Bits{});               // an empty page
    refused(Whole{}, one, page, Runs{}, Bits(3, 1));           // bits of another length
    refused(Whole{}, one, page, Runs{}, Bits(1024, ~0ULL));    // a whole page among the parts
    refused(Whole{{0, 9}}, one, page, Runs{}, Bits(1024, 1));  // twice
}

}  // namespace
}  // namespace kaygraph
