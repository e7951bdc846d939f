// expect: make 'exec' a const function
// expect: exec_must_be_const<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::Node {
    int n_calls = 0;
    int exec() { return ++n_calls; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
