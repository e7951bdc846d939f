#pragma once

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/export.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)

namespace kaygraph {

namespace detail {

/// The indices of a set within one page of 65,536, of which some are missing: as ranges while these are
/// few, as a bit each otherwise.
class KAYGRAPH_EXPORT IndexPage {
public:
    static constexpr std::size_t size = 65'536;

    /// Adds [first, last), within the page. Returns how many of it were missing.
    std::size_t add(std::size_t first, std::size_t last);
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    /// Returns the first member, or the first gap, from an index on; `size` for none.
    [[nodiscard]] std::size_t next_member(std::size_t index) const noexcept;
    [[nodiscard]] std::size_t next_gap(std::size_t index) const noexcept;

    void encode(Encoder& encoder) const;
    /// @throws FormatError for bytes that are no page.
    static IndexPage decode(Decoder& decoder);

private:
    struct Run {
        std::uint16_t first;
        std::uint16_t last;  // included
    };
    static constexpr std::size_t max_runs = 2'048;  // they take as much room as the bits

    std::size_t add_bits(std::size_t first, std::size_t last);
    void to_bits();

    std::vector<Run> runs_;            // disjoint, not touching, ascending
    std::vector<std::uint64_t> bits_;  // empty while there are runs
    std::size_t count_ = 0;
};

}  // namespace detail

/// A set of indices. As small as its gaps are few, and never more than a bit for each index up to the
/// greatest, and a few bytes for each 65,536.
/// @par MPI Local.
/// @par Threads One writer at a time.
class KAYGRAPH_EXPORT RangeSet {
public:
    /// A half-open range of indices.
    using Range = std::pair<std::size_t, std::size_t>;

    /// Adds [first, last). Cost: O(log ranges), and O(1) for each range that it swallows.
    /// @throws ArgumentError for an index of 2^63 or more.
    void add(std::size_t first, std::size_t last);
    /// Adds all of another set.
    void add(const RangeSet& other);

    /// Returns what is in this set and not in another.
    [[nodiscard]] RangeSet without(const RangeSet& other) const;

    [[nodiscard]] bool contains(std::size_t index) const { return next_member(index) == index; }
    /// Returns whether all of [first, last) is in it.
    [[nodiscard]] bool contains(std::size_t first, std::size_t last) const {
        return first >= last || next_gap(first) >= last;
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// Returns one more than the greatest index; 0 for an empty set.
    [[nodiscard]] std::size_t bound() const noexcept;

    class Iterator {
    public:
        using value_type = Range;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::forward_iterator_tag;
        using reference = const Range&;
        using pointer = const Range*;

        Iterator() = default;
        Iterator(const RangeSet& set, std::size_t from) : set_(&set) { go_to(from); }
        reference operator*() const noexcept { return range_; }
        pointer operator->() const noexcept { return &range_; }
        Iterator& operator++() {
            go_to(range_.second);
            return *this;
        }
        Iterator operator++(int) {
            const Iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
            return a.range_ == b.range_;
        }

    private:
        void go_to(std::size_t index) {
            const std::size_t first = set_->next_member(index);
            range_ = first == none ? Range{none, none} : Range{first, set_->next_gap(first)};
        }
        const RangeSet* set_ = nullptr;
        Range range_{none, none};
    };
    /// The ranges of a set in ascending order, disjoint, not touching.
    struct Ranges {
        const RangeSet& set;
        [[nodiscard]] Iterator begin() const { return {set, 0}; }
        [[nodiscard]] Iterator end() const noexcept { return {}; }
        /// Cost: that of looking at all of them.
        [[nodiscard]] std::size_t size() const {
            return static_cast<std::size_t>(std::distance(begin(), end()));
        }
    };
    [[nodiscard]] Ranges ranges() const noexcept { return {*this}; }

    friend bool operator==(const RangeSet& a, const RangeSet& b) {
        return a.size_ == b.size_
               && std::equal(a.ranges().begin(), a.ranges().end(), b.ranges().begin());
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    using Page = detail::IndexPage;

    /// Returns the first index in the set, or not in it, from one on; none for no member.
    [[nodiscard]] std::size_t next_member(std::size_t index) const noexcept;
    [[nodiscard]] std::size_t next_gap(std::size_t index) const noexcept;
    /// Returns how many pages from this one on are whole.
    [[nodiscard]] std::size_t n_whole(std::size_t page) const noexcept;
    void add_within_page(std::size_t first, std::size_t last);
    void add_whole_pages(std::size_t first, std::size_t last);

    friend Codec<RangeSet>;

    std::map<std::size_t, std::size_t> whole_;  // first page -> last page: all of their indices
    std::map<std::size_t, Page> parts_;         // pages of which some indices are missing
    std::size_t size_ = 0;
};

/// A set travels as it is kept: a bit for each index at most.
template <>
struct KAYGRAPH_EXPORT Codec<RangeSet> {
    static constexpr std::size_t min_bytes = sizeof(std::uint64_t);
    static void encode(Encoder& encoder, const RangeSet& set);
    static RangeSet decode(Decoder& decoder);
};

}  // namespace kaygraph

#pragma GCC visibility pop
