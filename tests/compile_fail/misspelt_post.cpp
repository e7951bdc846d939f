// expect: 'psot' is not a phase; write 'post'
// expect: psot_is_no_phase<Typo>
#include <kaygraph/kaygraph.hpp>
namespace kg = kaygraph;

struct Typo : kg::Node {
    int exec() const { return 1; }
    void psot(kg::Store& shared, int one) const {
        shared.set("one", one);
    }  // nobody takes what exec returns
};

void f(kg::Graph& graph) {
    graph.add("typo", Typo{});
}
