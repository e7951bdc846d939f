// expect: on_error takes (kg::Store&, const std::exception&) and returns a bool
// expect: on_error_must_decide<Wrong
#include <kaygraph/kaygraph.hpp>

namespace kg = kaygraph;

struct Wrong : kg::Node {
    void exec() const {}
    void on_error(kg::Store&, const std::exception&) const {}
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
