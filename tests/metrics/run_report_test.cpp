#include "support/throws.hpp"

#include <kaygraph/metrics/run_report.hpp>

#include <gtest/gtest.h>

namespace kaygraph {
namespace {

RunReport example() {
    RunReport report{
        .graph = "corpus",
        .last_action = "done",
        .elapsed = Seconds{1.5},
        .threads = 2,
        .recorded = true};
    NodeStats node{.name = "embed", .kind = "ParallelBatchNode"};
    node.counts = {
        .visits = 1,
        .errors = 0,
        .executions = 4,
        .failures = 1,
        .retries = 2,
        .items = 100,
        .failed_items = 3};
    node.times.visit.add(2'000'000);
    node.times.exec.add(1'500'000);
    report.nodes.push_back(node);
    report.critical_nodes.push_back({"embed", Seconds{0.25}});
    report.critical_path = Seconds{0.25};
    report.work = Seconds{0.5};
    return report;
}

TEST(RunReport, FindsANodeByItsPath) {
    const RunReport report = example();
    ASSERT_NE(report.find("embed"), nullptr);
    EXPECT_EQ(report.find("embed")->counts.items, 100U);
    EXPECT_EQ(report.find("other"), nullptr);
}

TEST(RunReport, StatisticsFollowFromCounts) {
    const RunReport report = example();
    EXPECT_DOUBLE_EQ(report.nodes[0].success_rate(), 0.75);
    EXPECT_EQ(report.nodes[0].total_executions(), 4U);
    EXPECT_EQ(report.nodes[0].total_retries(), 2U);
    EXPECT_DOUBLE_EQ(NodeStats{}.success_rate(), 1.0);
    EXPECT_DOUBLE_EQ(report.nodes[0].avg_execution_time().count(), 1.5e-3);
}

TEST(RunReport, ReadsAsATable) {
    const std::string text = to_text(example());
    test::expect_says(
        text,
        "graph 'corpus': 1.5 s on 1 rank, up to 2 threads; last action 'done'",
        "embed  ParallelBatchNode",
        "100",
        "2 ms",
        "critical path 250 ms of 500 ms work: embed 250 ms"
    );
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = text.find('\n', start);
        EXPECT_LE(end - start, 100U) << text.substr(start, end - start);
        start = end + 1;
    }
}

TEST(RunReport, SaysWhereARunFailed) {
    RunReport report = example();
    report.failed =
        FailedVisit{.node = "embed", .phase = "exec", .failure = {.message = "no model"}};
    test::expect_says(to_text(report), "failed in exec of 'embed': no model");
}

}  // namespace
}  // namespace kaygraph
