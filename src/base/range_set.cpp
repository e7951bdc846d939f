#include <kaygraph/base/range_set.hpp>

#include <algorithm>
#include <iterator>

namespace kaygraph {

void RangeSet::add(std::size_t first, std::size_t last) {
    if (first >= last) {
        return;
    }
    auto next = ranges_.upper_bound(first);
    if (next != ranges_.begin() && std::prev(next)->second >= first) {
        const auto before = std::prev(next);  // it reaches into ours
        if (next == ranges_.end() || next->first > last) {
            size_ += std::max(before->second, last) - before->second;
            before->second = std::max(before->second, last);
            return;
        }
        first = before->first;
        next = before;
    }
    while (next != ranges_.end() && next->first <= last) {
        last = std::max(last, next->second);
        size_ -= next->second - next->first;
        next = ranges_.erase(next);
    }
    ranges_.emplace_hint(next, first, last);
    size_ += last - first;
}

void RangeSet::add(const RangeSet& other) {
    for (const auto& [first, last] : other.ranges_) {
        add(first, last);
    }
}

bool RangeSet::contains(std::size_t index) const {
    const auto next = ranges_.upper_bound(index);
    return next != ranges_.begin() && index < std::prev(next)->second;
}

RangeSet RangeSet::without(const RangeSet& other) const {
    RangeSet rest;
    auto gap = other.ranges_.begin();
    for (const auto& [first, last] : ranges_) {
        std::size_t next = first;
        while (gap != other.ranges_.end() && gap->second <= next) {
            ++gap;
        }
        for (auto hole = gap; hole != other.ranges_.end() && hole->first < last; ++hole) {
            if (next < hole->first) {
                rest.add(next, hole->first);
            }
            next = hole->second;
        }
        if (next < last) {
            rest.add(next, last);
        }
    }
    return rest;
}

}  // namespace kaygraph
