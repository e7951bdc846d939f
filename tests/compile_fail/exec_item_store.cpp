// expect: exec gets no store
// expect: exec_must_not_take_the_store<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::BatchNode {
    std::vector<int> prep(const kg::Store&) const { return {}; }
    int exec(int, kg::Store&) const { return 1; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
