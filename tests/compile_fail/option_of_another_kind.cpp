// expect: threads
// expect: NodeOptions
#include <kaygraph/kaygraph.hpp>
namespace kg = kaygraph;

void f(kg::Graph& graph) {
    graph.add("node", kg::Node{}, kg::NodeOptions{.threads = 2});
}
