// expect: 'post' is private, overloaded or a template
// expect: post_must_be_one_public_function<Wrong
#include <kaygraph/kaygraph.hpp>

#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;

class Wrong : public kg::Node {
public:
    int prep(const kg::Store&) const { return 1; }

private:
    void post(kg::Store&) const {}
};

void build(kg::Graph& graph) {
    graph.add("wrong", Wrong{});
}
