// Runs as a whole: what is refused before, what is told after.
#include "support/catch_log.hpp"
#include "support/memory_sink.hpp"
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using namespace std::chrono_literals;
using test::expect_says;
using test::run;
using test::thrown;

TEST(Run, OptionsOutsideTheirRangeAreRefusedWithWhatToWrite) {
    Graph graph{"g"};
    graph.add(
        "n",
        node(
            no_phase, [] { ADD_FAILURE() << "refused before any effect"; }, no_phase
        )
    );
    const auto refused = [&](const RunOptions& options) {
        Store shared;
        return thrown<ArgumentError>([&] { run(graph, shared, options); });
    };
    expect_says(refused({.threads = 0}), "threads is 0", "write 1");
    expect_says(refused({.deadline = -1s}), "deadline is negative");
    expect_says(refused({.max_visits = 0}), "max_visits is 0");
}

TEST(Run, AnUnsoundGraphIsRefusedWithAllItsFaults) {
    Graph graph{"unsound"};
    graph.add(
        "same",
        node(
            no_phase, [] { ADD_FAILURE() << "refused before any effect"; }, no_phase
        )
    );
    graph.add("same", Node{});
    graph.add("lost", Node{});
    Store shared;
    const std::string message = thrown<GraphError>([&] { run(graph, shared); });
    expect_says(
        message,
        "graph 'unsound' cannot run",
        "several nodes named 'same'",
        "'lost' cannot be reached"
    );
}

TEST(Run, TheReportTellsOfEveryNode) {
    Graph inner{"inner"};
    inner.add("deep", Node{});
    Graph graph{"outer"};
    graph.add("first", Node{}) >> graph.add("inner", std::move(inner));
    Store shared;
    const RunReport report = run(graph, shared, {.threads = 3});
    EXPECT_EQ(report.graph, "outer");
    ASSERT_EQ(report.nodes.size(), 3U);
    EXPECT_EQ(report.nodes[0].name, "first");
    EXPECT_EQ(report.nodes[1].name, "inner");
    EXPECT_EQ(report.nodes[2].name, "inner/deep");
    EXPECT_EQ(report.ranks, test::n_ranks());
    EXPECT_EQ(report.threads, 1U);  // no node had more
    EXPECT_GT(report.elapsed.count(), 0.0);
}

TEST(Run, ItsThreadsBoundThoseOfTheNodes) {
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{1000}; }
        std::size_t exec(std::size_t, const Context& context) const { return context.n_threads(); }
        void post(Store& shared, BatchResult<std::size_t> result) const {
            shared.set("n", result[0]);
        }
    };
    Graph graph{"g"};
    graph.add("items", Items{}, {.threads = 3});
    const auto with = [&](const RunOptions& options) {
        Store shared;
        run(graph, shared, options);
        return shared.get<std::size_t>("n");
    };
    EXPECT_EQ(with({}), 3U);
    EXPECT_EQ(with({.threads = 2}), 2U);
    EXPECT_EQ(with({.threads = 8}), 3U);
}

TEST(Run, ItsLogReplacesTheGraphs) {
    const test::CatchLog of_graph;
    const test::CatchLog of_run;
    Graph graph{"g", {.log = of_graph.log()}};
    const auto first =
        graph.add("first", node(no_phase, no_phase, [](Store&) { return "unknown"; }));
    first.on("known") >> graph.add("second", Node{});
    Store shared;
    run(graph, shared, {.log = of_run.log()});
    EXPECT_EQ(of_run.lines().size(), 1U);
    EXPECT_TRUE(of_graph.lines().empty());
    run(graph, shared);
    EXPECT_EQ(of_graph.lines().size(), 1U);
}

TEST(Run, AGraphMayBeMovedAndItsHandlesStayValid) {
    Graph graph{"g"};
    const auto first = graph.add("first", Node{});
    Graph moved = std::move(graph);
    first >> moved.add("second", Node{});
    Store shared;
    run(moved, shared);
    EXPECT_EQ(first.stats().counts.visits, 1U);
}

TEST(Run, AGraphMayBeChangedBetweenRuns) {
    Graph graph{"g"};
    const auto first = graph.add("first", Node{});
    Store shared;
    EXPECT_EQ(run(graph, shared).nodes.size(), 1U);
    first >> graph.add("second", Node{});
    EXPECT_EQ(run(graph, shared).nodes.size(), 2U);
    EXPECT_EQ(first.stats().counts.visits, 2U);
}

TEST(Run, NodesAloneMayRunInNestedGraphsToo) {
    Graph inner{"inner"};
    const auto deep =
        inner.add("deep", node(no_phase, no_phase, [](Store& s) { s.set("deep", 1); }));
    Graph outer{"outer"};
    outer.add("inner", std::move(inner));
    Store shared;
    const RunReport report = run(deep, shared);
    EXPECT_TRUE(shared.contains("deep"));
    EXPECT_EQ(report.find("inner/deep")->counts.visits, 1U);
    run(outer, shared);
    EXPECT_EQ(deep.stats().counts.visits, 2U);
}

TEST(Run, AForkCannotRunAlone) {
    Graph graph{"g"};
    const auto load = graph.add("load", Node{});
    const NodeHandle split = load >> fork(graph.add("a", Node{}), graph.add("b", Node{}));
    Store shared;
    EXPECT_THROW(run(split, shared), ArgumentError);
    EXPECT_THROW(split.set_params({}), ArgumentError);
    EXPECT_THROW(split.set_config({}), ArgumentError);
}

TEST(Run, TheLibraryPrintsNothing) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const int out = dup(1);
    const int err = dup(2);
    dup2(ends[1], 1);
    dup2(ends[1], 2);
    close(ends[1]);
    {
        Graph graph{"g"};
        const auto first =
            graph.add("first", node(no_phase, no_phase, [](Store&) { return "unknown"; }));
        first.on("known") >> graph.add(
            "second",
            node(
                no_phase, [] { throw 1; }, no_phase
            )
        );
        Store shared;
        run(graph, shared);
        run(first, shared);
    }
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    char byte = 0;
    EXPECT_EQ(read(ends[0], &byte, 1), 0);  // the end of an empty pipe
    close(ends[0]);
}

TEST(Run, ANodeAloneIsRefusedWithItsFaults) {
    Graph outer{"outer"};
    const NodeHandle inner = outer.add("inner", Graph{"inner"});
    Store shared;
    expect_says(thrown<GraphError>([&] { run(inner, shared); }), "'inner'", "no node to start at");
}

TEST(Run, AFaultThatCameAfterASoundRunIsFound) {
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{1}; }
        int exec(std::size_t) const { return 1; }
    };
    Graph graph{"g"};
    Graph other{"other"};
    const NodeHandle foreign = other.add("foreign", Node{});
    const NodeHandle first = graph.add("first", Node{});
    const auto items = graph.add("items", Items{});
    first >> items;
    Store shared;
    run(graph, shared);
    items.set_options({.ledger = std::make_shared<test::MemoryLedger>()});
    expect_says(thrown<GraphError>([&] { run(graph, shared); }), "ledger but no sink");
    items.set_options({});
    run(graph, shared);
    items >> foreign;
    expect_says(thrown<GraphError>([&] { run(graph, shared); }), "'foreign'");
}

TEST(Run, ADeadlineInAHundredYearsIsNone) {
    Graph graph{"g"};
    graph.add("a", Node{});
    Store shared;
    run(graph, shared, {.deadline = std::chrono::nanoseconds::max()});
}

TEST(Run, WarningsOfANestedGraphGoToItsOwnLog) {
    const test::CatchLog nested;
    Graph logged{"logged", {.log = nested.log()}};
    logged.add(
              "asks", node([](const Store&) {}, no_phase, [](Store&) { return "left"; })
    ).on("right")
        >> logged.add("right", Node{});
    Graph outer{"outer"};
    outer.add("logged", std::move(logged));
    Store shared;
    run(outer, shared);
    EXPECT_EQ(nested.count("'left'"), 1U);
    const test::CatchLog own;
    run(outer, shared, {.log = own.log()});
    EXPECT_EQ(nested.count("'left'"), 1U);
    EXPECT_EQ(own.count("'left'"), 1U);
}

TEST(Run, AGraphThatWasMovedAwayIsRefused) {
    Graph outer{"outer"};
    Graph inner{"inner"};
    inner.add("a", Node{});
    outer.add("inner", std::move(inner));
    Store shared;
    // NOLINTBEGIN(bugprone-use-after-move): what is tested
    expect_says(thrown<ArgumentError>([&] { inner.add("b", Node{}); }), "moved away");
    expect_says(thrown<ArgumentError>([&] { run(inner, shared); }), "moved away");
    expect_says(thrown<ArgumentError>([&] { outer.add("again", std::move(inner)); }), "moved away");
    expect_says(thrown<ArgumentError>([&] { outer.add("self", std::move(outer)); }), "of itself");
    // NOLINTEND(bugprone-use-after-move)
    run(outer, shared);
}

}  // namespace
}  // namespace kaygraph
