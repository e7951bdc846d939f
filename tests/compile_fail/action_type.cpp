// expect: post returns a kg::Action (a string is one) or nothing
// expect: post_must_return_an_action<Wrong, int>
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::Node {
    int post(kg::Store&) const { return 1; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
