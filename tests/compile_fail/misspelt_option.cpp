// expect: retyr
// expect: NodeOptions
#include <kaygraph/kaygraph.hpp>
namespace kg = kaygraph;

void f(kg::Graph& graph) {
    graph.add("node", kg::Node{}, kg::NodeOptions{.retyr = {.max_attempts = 2}});
}
