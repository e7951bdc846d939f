// expect: a node class may not be final
// expect: node_must_not_be_final<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong final : kg::Node {
    int exec() const { return 1; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
