// expect: exec must accept what prep returns
// expect: exec_must_accept<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::Node {
    std::vector<int> prep(const kg::Store&) const { return {}; }
    long exec(const std::string&) const { return 1; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
