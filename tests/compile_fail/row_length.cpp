// expect: needs std::size_t row_length() const
// expect: row_length_must_give_the_width<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

struct Wrong : kg::ParallelBatchNode {
    std::vector<int> prep(const kg::Store&) const { return {}; }
    void exec_batch(std::span<const int>, kg::MatrixView<float>) const {}
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
