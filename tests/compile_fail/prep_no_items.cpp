// expect: prep of a batch node returns a range of items or an item source
// expect: prep_must_return_items<Wrong, int>
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::BatchNode {
    int prep(const kg::Store&) const { return 1; }
    int exec(int x) const { return x; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
