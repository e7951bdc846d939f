// expect: 'exec' is private, overloaded or a template
// expect: exec_must_be_one_public_function<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::Node {
    int prep(const kg::Store&) const { return 1; }
    int exec(int x) const { return x; }
    int exec(double) const { return 2; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
