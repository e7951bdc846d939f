#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// A set of indices kept as disjoint half-open ranges: as small as its gaps are few.
/// @par MPI Local.
/// @par Threads One writer at a time.
class KAYGRAPH_EXPORT RangeSet {
public:
    /// Adds [first, last). Cost: O(log ranges), and O(1) for each range that it swallows.
    void add(std::size_t first, std::size_t last);
    /// Adds all of another set.
    void add(const RangeSet& other);

    /// Returns what is in this set and not in another.
    [[nodiscard]] RangeSet without(const RangeSet& other) const;

    [[nodiscard]] bool contains(std::size_t index) const;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// Returns the ranges in ascending order, disjoint, not touching.
    [[nodiscard]] const std::map<std::size_t, std::size_t>& ranges() const noexcept {
        return ranges_;
    }

    static auto codec(auto& self) { return std::tie(self.ranges_, self.size_); }

private:
    std::map<std::size_t, std::size_t> ranges_;  // first -> last
    std::size_t size_ = 0;
};

}  // namespace kaygraph

#pragma GCC visibility pop
