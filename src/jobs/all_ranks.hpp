#pragma once

#include <kaygraph/base/codec.hpp>
#include <kaygraph/parallel/communicator.hpp>

#include <vector>

namespace kaygraph::jobs::detail {

/// Collective. Returns the values of all ranks, by rank.
template <class T>
std::vector<T> of_all_ranks(const Runtime& ranks, const T& own) {
    if (ranks.size() == 1) {
        return {own};
    }
    ranks.communicator()->doing("the sums at the end", "the job");
    std::vector<T> all;
    for (const std::vector<std::byte>& bytes : ranks.communicator()->allgather(encode(own))) {
        all.push_back(decode<T>(bytes));
    }
    return all;
}

}  // namespace kaygraph::jobs::detail
