#include <kaygraph/graph/batch_result.hpp>

#include <algorithm>

namespace kaygraph {

ItemStatus BatchStatus::status(std::size_t item) const {
    if (!end_.ran.contains(item)) {
        return ItemStatus::not_run;
    }
    return end_.failed.contains(item) ? ItemStatus::error : ItemStatus::value;
}

const Failure* BatchStatus::failure(std::size_t item) const {
    const auto found = std::lower_bound(
        end_.failures.begin(),
        end_.failures.end(),
        item,
        [](const Failure& failure, std::size_t wanted) {
            return static_cast<std::size_t>(failure.item) < wanted;
        }
    );
    const bool is_it =
        found != end_.failures.end() && static_cast<std::size_t>(found->item) == item;
    return is_it ? &*found : nullptr;
}

Failure BatchStatus::unkept_failure(std::size_t item) {
    return {
        .item = static_cast<std::int64_t>(item),
        .message = "the item failed; the reason was kept for the lowest failed items only"};
}

void BatchStatus::raise_missing(std::size_t item) const {
    if (const Failure* why = failure(item)) {
        why->raise();
    }
    if (status(item) == ItemStatus::error) {
        unkept_failure(item).raise();
    }
    const char* reason = "has no value in memory: the results went to the node's sink";
    if (item >= n_items()) {
        reason = "is not in the batch";
    } else if (status(item) == ItemStatus::value && !is_here(item) && !end_.is_in_sink) {
        reason = "has its value on another rank: gather it, with Gather::all";
    } else if (status(item) == ItemStatus::not_run) {
        reason = "did not run: the batch ended before";
    }
    throw NodeError(
        ErrorCode::missing_key,
        "item " + std::to_string(item) + " of " + std::to_string(n_items()) + " " + reason
    );
}

void BatchStatus::raise_incomplete() const {
    if (!end_.failures.empty()) {
        end_.failures.front().raise();
    }
    const auto [first, last] = *end_.here.ranges().begin();
    raise_missing(first == 0 && last < n_items() ? last : 0);
}

}  // namespace kaygraph
