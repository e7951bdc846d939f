// graph.validate(): everything for which a run would be refused.
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::thrown;

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

Handle<Node> add_empty(Graph& graph, const std::string& name) {
    return graph.add(name, Node{});
}

TEST(Validate, ABranchMayEndAtANodeOfAnotherWayThroughTheGraph) {
    Graph graph{"g"};
    const auto start = add_empty(graph, "start");
    const auto shared = add_empty(graph, "shared");
    const auto branch = add_empty(graph, "branch");
    const auto merge = add_empty(graph, "merge");
    start.on("other way") >> shared;
    branch >> shared;  // which neither comes after the join nor belongs to another branch
    start >> fork(branch, add_empty(graph, "c")) >> merge;
    EXPECT_EQ(graph.validate(), std::vector<std::string>{});
}

TEST(Validate, FindsFaultsOfForksInForks) {
    Graph graph{"g"};
    const auto start = add_empty(graph, "start");
    const auto outer = add_empty(graph, "outer");
    const auto inner = add_empty(graph, "inner");
    const auto merge = add_empty(graph, "merge");
    const auto after = add_empty(graph, "after");
    start >> fork(outer, add_empty(graph, "b")) >> after;
    outer >> fork(inner, add_empty(graph, "d")) >> merge;
    inner >> after;  // out of two forks
    const auto faults = graph.validate();
    ASSERT_EQ(faults.size(), 1U);
    expect_says(faults[0], "branch 'outer'", "runs into 'after'");
}

/// Thousands of branches, of forks one after another, of branches of many nodes: the check must not look at
/// pairs. (Cubic in the number of branches, it took minutes.)
TEST(Validate, ManyForksAndBranchesAreJudgedInOnePass) {
    Graph wide{"wide"};
    const auto start = add_empty(wide, "start");
    std::vector<NodeHandle> branches;
    for (int i = 0; i < 5'000; ++i) {
        branches.push_back(add_empty(wide, "b" + std::to_string(i)));
        branches.back() >> add_empty(wide, "c" + std::to_string(i));
    }
    start >> Fork{branches};
    EXPECT_EQ(wide.validate().size(), 0U);

    Graph chain{"chain"};
    NodeHandle last = add_empty(chain, "start");
    for (int i = 0; i < 3'000; ++i) {
        const std::string number = std::to_string(i);
        const auto join = add_empty(chain, "join" + number);
        last >> fork(add_empty(chain, "l" + number), add_empty(chain, "r" + number)) >> join;
        last = join;
    }
    EXPECT_EQ(chain.validate().size(), 0U);
}

TEST(Validate, GraphsAndForksAreNestedToALimit) {
    const auto nested = [](int n) {
        auto graph = std::make_unique<Graph>("g");
        add_empty(*graph, "innermost");
        for (int i = 0; i < n; ++i) {
            auto outer = std::make_unique<Graph>("g");
            outer->add("inner", std::move(*graph));
            graph = std::move(outer);
        }
        return graph;
    };
    Store shared;
    nested(100)->run(shared);
    expect_says(thrown<ArgumentError>([&] { nested(101); }), "deeper than 100 levels");
    expect_says(thrown<ArgumentError>([&] { nested(10'000); }), "deeper than 100 levels");

    const auto forks = [](int n, std::unique_ptr<Graph> innermost = nullptr) {
        auto graph = std::make_unique<Graph>("g");
        NodeHandle last = add_empty(*graph, "start");
        for (int i = 0; i < n; ++i) {
            const auto inner = add_empty(*graph, "inner" + std::to_string(i));
            last >> fork(inner, add_empty(*graph, "other" + std::to_string(i)));
            last = inner;
        }
        if (innermost != nullptr) {
            last >> graph->add("graphs", std::move(*innermost));
        }
        return graph;
    };
    forks(100)->run(shared);
    expect_says(thrown<GraphError>([&] { forks(101)->run(shared); }), "nested deeper than 100");
    EXPECT_EQ(forks(10'000)->validate().size(), 1U);

    forks(40, nested(59))->run(shared);
    expect_says(
        thrown<GraphError>([&] { forks(41, nested(60))->run(shared); }), "nested deeper than 100"
    );
}

}  // namespace
}  // namespace kaygraph
