// expect: a batch node has exactly one item phase
// expect: batch_must_have_one_item_phase<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::BatchNode {
    std::vector<int> prep(const kg::Store&) const { return {}; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
