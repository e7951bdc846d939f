// graph.validate(): everything for which a run would be refused.
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;

/// The graph has one fault, which says all of this.
template <class... Parts>
void expect_fault(const GraphBase& graph, const Parts&... parts) {
    const std::vector<std::string> faults = graph.validate();
    ASSERT_EQ(faults.size(), 1U) << (faults.empty() ? "" : faults[0] + "\n" + faults.back());
    expect_says(faults[0], parts...);
}

// + graph.validate() before a run finds: no start, nodes unreachable from the start, duplicate names, an action
//   edge into another graph's node, a fork branch that enters another branch.

TEST(Validate, ASoundGraphHasNoFaults) {
    Graph graph{"g"};
    const auto a = graph.add("a", Node{});
    a >> fork(graph.add("b", Node{}), graph.add("c", Node{})) >> graph.add("d", Node{}) >> a;
    EXPECT_TRUE(graph.validate().empty());
}

TEST(Validate, FindsAGraphWithoutNodes) {
    expect_fault(Graph{"g"}, "no node to start at");
}

TEST(Validate, FindsNodesThatCannotBeReached) {
    Graph graph{"g"};
    graph.add("a", Node{});
    graph.add("island", Node{});
    expect_fault(graph, "'island' cannot be reached", "start 'a'");
}

TEST(Validate, FindsNamesThatAreNotUnique) {
    Graph graph{"g"};
    const auto first = graph.add("twin", Node{});
    first >> graph.add("twin", Node{}) >> graph.add("twin", Node{});
    expect_fault(graph, "several nodes named 'twin'", "unique");
}

TEST(Validate, FindsNamesThatAreNone) {
    Graph graph{"g"};
    graph.add("", Node{}) >> graph.add("a/b", Node{});
    const auto faults = graph.validate();
    ASSERT_EQ(faults.size(), 2U);
    expect_says(faults[0], "no name");
    expect_says(faults[1], "'a/b'", "'/'");
}

TEST(Validate, FindsEdgesIntoAnotherGraph) {
    Graph other{"other"};
    const auto foreign = other.add("foreign", Node{});
    Graph graph{"g"};
    const auto a = graph.add("a", Node{});
    a.on("go") >> foreign;
    expect_fault(graph, "action 'go' of 'a'", "'foreign'", "graph 'other'");
}

TEST(Validate, FindsAStartAndBranchesOfAnotherGraph) {
    Graph other{"other"};
    const auto foreign = other.add("foreign", Node{});
    Graph graph{"g"};
    const auto a = graph.add("a", Node{});
    graph.start(foreign);
    a >> fork(graph.add("b", Node{}), foreign);
    const auto faults = graph.validate();
    ASSERT_EQ(faults.size(), 2U);
    expect_says(faults[0], "start 'foreign'", "another graph");
    expect_says(faults[1], "branch at 'foreign'", "another graph");
}

TEST(Validate, FindsBranchesThatMeet) {
    Graph graph{"g"};
    const auto a = graph.add("a", Node{});
    const auto b = graph.add("b", Node{});
    const auto c = graph.add("c", Node{});
    b >> c;
    a >> fork(b, c);
    expect_fault(graph, "branches 'b' and 'c'", "fork 'fork(b, c)'", "meet at 'c'");
}

TEST(Validate, FindsABranchThatRunsIntoWhatComesAfterTheJoin) {
    Graph graph{"g"};
    const auto a = graph.add("a", Node{});
    const auto b = graph.add("b", Node{});
    const auto merge = graph.add("merge", Node{});
    b >> merge;
    a >> fork(b, graph.add("c", Node{})) >> merge;
    expect_fault(graph, "branch 'b'", "runs into 'merge'", "after the join", "without a successor");
}

TEST(Validate, FindsABranchThatComesBackToItsFork) {
    Graph graph{"g"};
    const auto a = graph.add("a", Node{});
    const auto b = graph.add("b", Node{});
    b >> a;
    a >> fork(b);
    expect_fault(graph, "branch 'b'", "comes back to the fork");
}

TEST(Validate, FindsAnEdgeForAnActionOfAFork) {
    Graph graph{"g"};
    const auto a = graph.add("a", Node{});
    const NodeHandle split = a >> fork(graph.add("b", Node{}), graph.add("c", Node{}));
    split.on("other") >> graph.add("d", Node{});
    expect_fault(graph, "fork 'fork(b, c)'", "action 'other'", "only the default action");
}

TEST(Validate, LooksIntoNestedGraphsAndFindsEverythingAtOnce) {
    Graph inner{"inner"};
    inner.add("x", Node{});
    inner.add("island", Node{});
    Graph graph{"g"};
    graph.add("a", Node{}) >> graph.add("nested", std::move(inner)) >> graph.add("a", Node{});
    const auto faults = graph.validate();
    ASSERT_EQ(faults.size(), 2U);
    expect_says(faults[0], "several nodes named 'a'");
    expect_says(faults[1], "in graph 'nested'", "'island'");
}

}  // namespace
}  // namespace kaygraph
