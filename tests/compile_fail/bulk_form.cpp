// expect: exec_batch takes (std::span<const Item>, std::span<Result>)
// expect: exec_batch_must_take_items_and_room<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::ParallelBatchNode {
    std::vector<int> prep(const kg::Store&) const { return {}; }
    std::vector<int> exec_batch(std::span<const int> items) const {
        return {items.begin(), items.end()};
    }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
