// Metrics nodes and the recording of graphs (semantics, section "Validated and metrics nodes").
#include "support/ranks.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::run;

using namespace std::chrono_literals;

void spin(std::chrono::nanoseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) {
    }
}

// = MetricsNode::stats(): total_executions, success_rate, avg, min, max execution time, total_retries.

TEST(MetricsNode, KeepsItsFiguresOverRunsWithoutRecording) {
    struct Sometimes : MetricsNode {
        int* n_calls;
        void exec() const {
            spin(100us);
            const int n = ++*n_calls;
            if (n == 1 || n >= 4) {  // the first run retries once, the third fails
                throw std::runtime_error("x");
            }
        }
    };
    int n_calls = 0;
    Graph graph{"g"};
    const auto metered =
        graph.add("metered", Sometimes{{}, &n_calls}, {.retry = {.max_attempts = 2}});
    metered >> graph.add("plain", Node{});
    EXPECT_EQ(metered.stats().total_executions(), 0U);
    EXPECT_EQ(metered.stats().success_rate(), 1.0);
    Store shared;
    RunReport report = run(graph, shared);
    EXPECT_FALSE(report.recorded);
    EXPECT_EQ(report.find("plain")->times.visit.count(), 0U);
    run(graph, shared);
    EXPECT_THROW(run(graph, shared), std::runtime_error);
    const NodeStats stats = metered.stats();
    EXPECT_EQ(stats.name, "metered");
    EXPECT_EQ(stats.kind, "MetricsNode");
    EXPECT_EQ(stats.total_executions(), 3U);
    EXPECT_DOUBLE_EQ(stats.success_rate(), 2.0 / 3);
    EXPECT_EQ(stats.total_retries(), 2U);
    EXPECT_GE(stats.min_execution_time(), 100us);
    EXPECT_GE(stats.max_execution_time(), 200us);
    EXPECT_GE(stats.avg_execution_time(), stats.min_execution_time());
    EXPECT_LE(stats.avg_execution_time(), stats.max_execution_time());
    EXPECT_LE(stats.p50_execution_time(), stats.p95_execution_time());
    EXPECT_LE(stats.p95_execution_time(), stats.p99_execution_time());
    EXPECT_GT(stats.execution_time_deviation().count(), 0.0);
}

// + per phase and per item; every node has them when the graph records, no wrapping needed.

TEST(Recording, TimesEveryPhaseAndItems) {
    struct Phases : Node {
        int prep(const Store&) const { return spin(300us), 1; }
        int exec(int) const { return spin(600us), 1; }
        void post(Store&) const { spin(100us); }
    };
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        void exec(std::size_t) const { spin(10us); }
    };
    Graph inner{"inner"};
    inner.add("items", Items{}, {.threads = 2, .block = 5});
    Graph graph{"g"};
    const auto phases = graph.add("phases", Phases{});
    phases >> graph.add("inner", std::move(inner));
    graph.record(Metrics::on);
    Store shared;
    const RunReport report = run(graph, shared);
    EXPECT_TRUE(report.recorded);
    const NodeTimes& times = report.find("phases")->times;
    EXPECT_GE(times.prep.sum(), 300us);
    EXPECT_GE(times.exec.sum(), 600us);
    EXPECT_GE(times.post.sum(), 100us);
    EXPECT_NEAR(
        times.visit.sum().count(),
        (times.prep.sum() + times.exec.sum() + times.post.sum()).count(),
        1e-9
    );
    const NodeTimes& items = report.find("inner/items")->times;
    EXPECT_EQ(items.item.count(), 100U);
    EXPECT_EQ(items.block.count(), 20U);
    EXPECT_GE(items.item.min(), 10us);
    EXPECT_GE(items.block.min(), 50us);
    EXPECT_GE(report.work, 2ms);
    EXPECT_EQ(phases.stats().counts.visits, 1U);
}

TEST(Recording, ItemsOfLargeBatchesAreSampledTheSameWayForAnyThreads) {
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{5000}; }
        std::size_t exec(std::size_t i) const { return i; }
    };
    for (const std::size_t threads : {1U, 4U}) {
        Graph graph{"g"};
        graph.add("items", Items{}, {.threads = threads, .block = 7});
        graph.record(Metrics::on);
        Store shared;
        EXPECT_EQ(run(graph, shared).nodes[0].times.item.count(), 1250U);  // each 4th of 5,000
    }
}

TEST(Recording, IsOffByDefaultAndMayBeSwitchedOffAgain) {
    Graph graph{"g"};
    const auto only = graph.add("only", Node{});
    Store shared;
    EXPECT_EQ(run(graph, shared).nodes[0].times.visit.count(), 0U);
    graph.record(Metrics::on);
    EXPECT_EQ(run(graph, shared).nodes[0].times.visit.count(), 1U);
    graph.record(Metrics::off);
    EXPECT_EQ(run(graph, shared).nodes[0].times.visit.count(), 0U);
    EXPECT_EQ(only.stats().counts.visits, 3U);
    EXPECT_EQ(only.stats().times.visit.count(), 1U);
}

// What the critical path is made of is judged by the times in the same report: a loaded machine may make
// any node slow.

/// Time of a node outside of exec.
Seconds own_time(const NodeStats& node) {
    return node.times.prep.sum() + node.times.post.sum();
}

std::set<std::string> nodes_on_path(const RunReport& report) {
    std::set<std::string> names;
    for (const PathStep& step : report.critical_nodes) {
        names.insert(step.node);
    }
    return names;
}

auto spins(std::chrono::nanoseconds time) {
    return node(
        no_phase, [time] { spin(time); }, no_phase
    );
}

TEST(CriticalPath, OfASequenceIsTheSumOfItsVisits) {
    Graph graph{"g"};
    graph.add("a", spins(200us)) >> graph.add("b", spins(100us));
    graph.record(Metrics::on);
    Store shared;
    const RunReport report = run(graph, shared);
    EXPECT_GE(report.critical_path, 300us);
    EXPECT_LE(report.critical_path, report.elapsed);
    EXPECT_NEAR(report.critical_path.count(), report.work.count(), 1e-9);
    EXPECT_EQ(nodes_on_path(report).count("a"), 1U);
    EXPECT_EQ(nodes_on_path(report).count("b"), 1U);
    EXPECT_GE(report.critical_nodes[0].time, report.critical_nodes[1].time);
}

TEST(CriticalPath, OfAForkIsItsLongestBranch) {
    for (const std::size_t threads : {1U, 2U}) {
        Graph graph{"g"};
        const auto load = graph.add("load", Node{});
        load >> fork(graph.add("one", spins(100us)), graph.add("other", spins(400us)));
        graph.record(Metrics::on);
        Store shared;
        const RunReport report = run(graph, shared, {.threads = threads});
        const Seconds one = report.find("one")->times.visit.sum();
        const Seconds other = report.find("other")->times.visit.sum();
        EXPECT_EQ(nodes_on_path(report).count("one"), one > other ? 1U : 0U);
        EXPECT_EQ(nodes_on_path(report).count("other"), one > other ? 0U : 1U);
        EXPECT_GE(report.work.count(), (one + other).count());
        EXPECT_GE(report.critical_path.count(), std::max(one, other).count());
        EXPECT_LT(report.critical_path.count(), report.work.count());
    }
}

TEST(CriticalPath, OfAParallelBatchIsItsLongestBlock) {
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{20}; }
        void exec(std::size_t item) const { spin(item == 7 ? 300us : 30us); }
    };
    Graph graph{"g"};
    graph.add("items", Items{}, {.threads = 1, .block = 1});
    graph.record(Metrics::on);
    Store shared;
    const RunReport report = run(graph, shared);
    const NodeStats& items = *report.find("items");
    EXPECT_EQ(items.times.block.count(), 20U);
    ASSERT_EQ(nodes_on_path(report).count("items"), 1U);
    const auto step = std::find_if(
        report.critical_nodes.begin(),
        report.critical_nodes.end(),
        [](const PathStep& candidate) { return candidate.node == "items"; }
    );
    EXPECT_NEAR(step->time.count(), (own_time(items) + items.times.block.max()).count(), 1e-9);
    EXPECT_GE(report.work.count(), items.times.block.sum().count());
}

TEST(CriticalPath, OfParallelWalksIsTheLongestWalk) {
    struct Spin : Node {
        void exec(const Context& context) const { spin(context.params().get<int>("us") * 1us); }
    };
    BatchGraph graph{
        "batch",
        {.parameter_sets =
             [](const Store&) {
                 return std::vector<Params>{{{"us", 100}}, {{"us", 500}}, {{"us", 100}}};
             },
         .parallel = ParallelWalks{.threads = 2}}};
    graph.add("spin", Spin{});
    graph.record(Metrics::on);
    Store shared;
    const RunReport report = run(graph, shared);
    const Summary& visits = report.find("spin")->times.visit;
    const auto step = std::find_if(
        report.critical_nodes.begin(),
        report.critical_nodes.end(),
        [](const PathStep& candidate) { return candidate.node == "spin"; }
    );
    ASSERT_NE(step, report.critical_nodes.end());
    EXPECT_NEAR(step->time.count(), visits.max().count(), 1e-9);
    EXPECT_GE(report.work.count(), visits.sum().count());
}

}  // namespace
}  // namespace kaygraph
