// expect: a character is no setting; write a text, in double quotes
#include <kaygraph/kaygraph.hpp>
namespace kg = kaygraph;

void f(const kg::NodeHandle& node) {
    node.set_params({"letter", 'a'});
}
