// expect: a batch node has exactly one item phase
// expect: batch_must_have_one_item_phase<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::ParallelBatchNode {
    std::vector<int> prep(const kg::Store&) const { return {}; }
    int exec(int x) const { return x; }
    void exec_batch(std::span<const int>, std::span<int>) const {}
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
