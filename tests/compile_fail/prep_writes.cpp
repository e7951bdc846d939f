// expect: prep takes (const kg::Store&)
// expect: prep_must_read_a_const_store<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::Node {
    int prep(kg::Store& shared) const { return shared.set("n", 1), 1; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
