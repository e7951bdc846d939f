// expect: exec_fallback takes
// expect: exec_fallback_must_stand_in_for_exec<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::Node {
    int exec() const { return 1; }
    std::string exec_fallback(const std::exception&) const { return ""; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
