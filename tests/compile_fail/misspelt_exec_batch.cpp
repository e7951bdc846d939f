// expect: 'exec_bacth' is not a phase; write 'exec_batch'
#include <kaygraph/kaygraph.hpp>

#include <span>
namespace kg = kaygraph;

struct Typo : kg::ParallelBatchNode {
    kg::Indices prep(const kg::Store&) const { return kg::Indices{3}; }
    void exec_bacth(std::span<const std::size_t>, std::span<int>) const {}
};

void f(kg::Graph& graph) {
    graph.add("typo", Typo{});
}
