// expect: exec gets no store; read what it needs in prep, write what it made in post
// expect: exec_must_not_take_the_store<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::Node {
    int prep(const kg::Store&) const { return 1; }
    int exec(int, const kg::Store&) const { return 1; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
