// expect: 'validateInput' is not a phase; write 'validate_input'
// expect: validateInput_is_no_phase<Typo>
#include <kaygraph/kaygraph.hpp>
namespace kg = kaygraph;

struct Typo : kg::ValidatedNode {
    int prep(const kg::Store&) const { return 1; }
    int validateInput(int n) const { return n; }
    int exec(int n) const { return n; }
};

void f(kg::Graph& graph) {
    graph.add("typo", Typo{});
}
