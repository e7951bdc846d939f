// expect: what thread_state returns is given to exec or exec_batch as a reference
// expect: thread_state_must_be_taken<Wrong, int>
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::ParallelBatchNode {
    std::vector<int> prep(const kg::Store&) const { return {}; }
    int thread_state() const { return 1; }
    int exec(int x) const { return x; }
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
