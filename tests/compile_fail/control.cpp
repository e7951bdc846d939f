#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Right : kg::Node {
    int prep(const kg::Store&) const { return 1; }
    int exec(int x) const { return x; }
    kg::Action post(kg::Store&, int, int) const { return "next"; }
};

void build(kg::Graph& graph) {
    graph.add("right", Right{});
}
