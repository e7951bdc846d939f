// expect: derive from it
// expect: validation_must_be_in_a_validated_node<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::Node {
    int exec() const { return 1; }
    int validate_output(int x) const { return x; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
