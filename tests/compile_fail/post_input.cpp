// expect: post takes (kg::Store&)
// expect: post_must_accept<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::Node {
    int exec() const { return 1; }
    void post(kg::Store&, const std::string&) const {}
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
