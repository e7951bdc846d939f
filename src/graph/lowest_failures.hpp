#pragma once

#include <kaygraph/base/outcome.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace kaygraph::detail {

/// The failures of the lowest items of a batch, as many as may be kept: memory does not grow with what
/// fails, and what is kept does not depend on who failed first.
class LowestFailures {
public:
    explicit LowestFailures(std::size_t capacity) : capacity_(capacity) {}

    /// False where the failure of this item would be dropped at once.
    [[nodiscard]] bool wants(std::size_t item) const noexcept {
        return heap_.size() < capacity_ || static_cast<std::int64_t>(item) < heap_.front().item;
    }
    void add(Failure failure) {
        heap_.push_back(std::move(failure));
        std::push_heap(heap_.begin(), heap_.end(), is_lower);
        if (heap_.size() > capacity_) {
            std::pop_heap(heap_.begin(), heap_.end(), is_lower);
            heap_.pop_back();
        }
    }
    /// Returns them by item.
    [[nodiscard]] std::vector<Failure> take() {
        std::sort_heap(heap_.begin(), heap_.end(), is_lower);
        return std::exchange(heap_, {});
    }

private:
    static bool is_lower(const Failure& a, const Failure& b) noexcept { return a.item < b.item; }

    std::size_t capacity_;
    std::vector<Failure> heap_;  // the highest item first
};

}  // namespace kaygraph::detail
