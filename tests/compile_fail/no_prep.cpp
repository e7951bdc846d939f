// expect: a batch node must have prep
// expect: batch_must_have_prep<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::ParallelBatchNode {
    int exec(int x) const { return x; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
