#pragma once

#include <kaygraph/base/outcome.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace kaygraph::detail {

/// The failures of the lowest items of a batch, as many as may be kept: memory does not grow with what
/// fails, and what is kept does not depend on who failed first.
class LowestFailures {
public:
    /// Their texts are at most so many bytes together; the first one is kept however long its is.
    static constexpr std::size_t max_text_bytes = std::size_t{32} << 20U;

    explicit LowestFailures(std::size_t capacity) : capacity_(capacity) {}

    /// False where the failure of this item would be dropped at once.
    [[nodiscard]] bool wants(std::size_t item) const noexcept {
        return static_cast<std::int64_t>(item) < lowest_dropped_;
    }
    void add(Failure failure) {
        text_bytes_ += failure.message.size();
        heap_.push_back(std::move(failure));
        std::push_heap(heap_.begin(), heap_.end(), is_lower);
        while (!heap_.empty() && is_too_much()) {
            std::pop_heap(heap_.begin(), heap_.end(), is_lower);
            lowest_dropped_ = std::min(lowest_dropped_, heap_.back().item);
            text_bytes_ -= heap_.back().message.size();
            heap_.pop_back();
        }
    }
    /// Returns them by item.
    [[nodiscard]] std::vector<Failure> take() {
        std::sort_heap(heap_.begin(), heap_.end(), is_lower);
        return std::exchange(heap_, {});
    }

private:
    [[nodiscard]] bool is_too_much() const noexcept {
        return heap_.size() > capacity_ || (text_bytes_ > max_text_bytes && heap_.size() > 1)
               || !wants(static_cast<std::size_t>(heap_.front().item));
    }
    static bool is_lower(const Failure& a, const Failure& b) noexcept { return a.item < b.item; }

    std::size_t capacity_;
    std::size_t text_bytes_ = 0;
    std::int64_t lowest_dropped_ = std::numeric_limits<std::int64_t>::max();
    std::vector<Failure> heap_;  // the highest item first
};

}  // namespace kaygraph::detail
