// expect: thread_state is const, takes nothing or a const kg::Context&
// expect: thread_state_must_be_made<Wrong
#include <kaygraph/kaygraph.hpp>

#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::ParallelBatchNode {
    std::vector<int> prep(const kg::Store&) const { return {}; }
    int thread_state(const kg::Store&) const { return 1; }
    int exec(int x, int&) const { return x; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
