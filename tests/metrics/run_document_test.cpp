#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/metrics/report_html.hpp>
#include <kaygraph/metrics/run_document.hpp>

#include <gtest/gtest.h>

#include <string>

namespace kaygraph {
namespace {

using test::expect_says;

RunDocument example() {
    RunDocument document{.started = 1.5e9};
    document.facts = {
        {"job", "embed"}, {"status", "complete"}, {"command", "kaygraph embed\t\"a\""}};
    document.totals = {{"items", 10}, {"rows", 9}};
    RunReport& report = document.report;
    report.graph = "embed";
    report.elapsed = Seconds{2};
    report.work = Seconds{3.5};
    report.critical_path = Seconds{1.25};
    report.ranks = 2;
    report.threads = 3;
    NodeStats node{.name = "outer/rows", .kind = "ParallelBatchNode"};
    node.counts = {.visits = 1, .executions = 1, .items = 10, .failed_items = 1};
    for (const std::int64_t ns : {0, 5, 1000, 123'456}) {
        node.times.item.add(ns);
    }
    node.times.work_ns = 2'000'000'000;
    report.nodes = {node};
    report.edges = {{"open", "outer/rows", "default"}};
    report.critical_nodes = {{"outer/rows", Seconds{1}}};
    report.by_rank = {
        {.rank = 0, .host = "a", .items = 6, .busy_ns = 1'000'000'000, .peak_memory = 4096},
        {.rank = 1, .host = "b", .items = 4, .busy_ns = 500'000'000}};
    report.timeline.occupancy = {{1, 2, 1 << 20, {0, 50, 100}}};
    report.timeline.traces = {{1, 2, 7, {{0, SpanKind::block, 1000, 2500, 3, 4}}}};
    report.notes = {"a note"};
    return document;
}

TEST(RunDocument, IsReadAsItWasWritten) {
    const std::string text = to_json(example());
    EXPECT_EQ(to_json(parse_run_document(text, "metrics.json")), text);
    const RunDocument read = parse_run_document(text, "metrics.json");
    EXPECT_EQ(read.fact("command"), "kaygraph embed\t\"a\"");
    EXPECT_EQ(read.total("rows"), 9U);
    EXPECT_EQ(read.report.nodes[0].times.item.count(), 4U);
    EXPECT_EQ(read.report.nodes[0].times.item.max(), example().report.nodes[0].times.item.max());
    EXPECT_EQ(read.report.timeline.occupancy[0].percent, (std::vector<std::uint8_t>{0, 50, 100}));
    EXPECT_NEAR(imbalance(read.report), 4.0 / 3, 1e-12);
}

TEST(RunDocument, RefusesWhatIsNone) {
    const auto refused = [](const std::string& text) {
        try {
            static_cast<void>(parse_run_document(text, "metrics.json"));
        } catch (const FormatError& error) {
            return std::string{error.what()};
        }
        return std::string{"nothing was thrown"};
    };
    expect_says(refused("[]"), "metrics.json");
    expect_says(refused("{\"format\": 2}"), "format that this version knows", "/format");
    std::string text = to_json(example());
    text.replace(text.find("50, 100"), 7, "50, 101");
    expect_says(refused(text), "at most 100", "/report/busy/0/percent/2");
    text = to_json(example());
    text.replace(text.find("\"busy_s\": 1"), 11, "\"busy_s\":-1");
    expect_says(refused(text), "/report/by_rank/0/busy_s");
    text.resize(text.size() / 2);
    expect_says(refused(text), "metrics.json");
}

TEST(RunDocument, GoesToPrometheus) {
    RunDocument document = example();
    document.facts["job"] = "a \"job\"\\\n";
    expect_says(
        to_prometheus(document),
        "# TYPE kaygraph_run_duration_seconds gauge",
        R"(kaygraph_node_items{job="a \"job\"\\\n",node="outer/rows"} 10)",
        R"(,rank="1",state="busy"} 0.5)"
    );
}

TEST(RunDocument, GoesToATrace) {
    const std::string text = to_trace_json(example().report);
    expect_says(
        text,
        R"("name":"outer/rows","pid":1,"tid":2,"ts":1.000,"dur":2.500,"args":{"first":3,"items":4}})",
        "\"dropped_events\":7"
    );
}

/// Files of runs are replaced by those of later ones: they are known by how they begin.
TEST(RunDocument, IsKnownByTheBeginningOfItsFiles) {
    const RunDocument document = example();
    const std::string page = to_html(document);
    for (const std::string& text :
         {to_prometheus(document), to_trace_json(document.report), page}) {
        EXPECT_TRUE(begins_as_export(text));
        EXPECT_TRUE(begins_as_export(text.substr(0, export_beginning_bytes)));
        EXPECT_FALSE(begins_as_export(" " + text));
    }
    for (const char* text :
         {"",
          "# HELP node_cpu_seconds_total Seconds",
          "{\"traceEvents\":[]}",
          "<!doctype html>\n<html>"}) {
        EXPECT_FALSE(begins_as_export(text)) << text;
    }
    EXPECT_FALSE(begins_as_export(to_json(document)));
}

/// The sum of two times of a hostile file passed the range of 64 bits.
TEST(RunDocument, HoldsTimesThatCanBeAdded) {
    RunDocument document = example();
    ASSERT_FALSE(document.report.by_rank.empty());
    document.report.by_rank[0].read_ns = 8'000'000'000'000'000'000;
    document.report.by_rank[0].write_ns = 8'000'000'000'000'000'000;
    EXPECT_THROW((void)parse_run_document(to_json(document), "metrics.json"), FormatError);
}

TEST(RunDocument, GoesToAJobLog) {
    expect_says(
        to_job_log(example(), 75),
        "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n",
        "2\tb\t1500000000.000\t2.000\t0\t0\t75\t0\tkaygraph embed \"a\"\n"
    );
}

TEST(Occupancy, CoversAnyTime) {
    Occupancy occupancy;
    occupancy.add(0, 500'000);
    EXPECT_EQ(occupancy.percent(1'000'000), (std::vector<std::uint8_t>{50}));
    occupancy.add(1'000'000'000, 2'000'000'000);  // two seconds in 128 bins of 2^24 ns
    EXPECT_EQ(occupancy.bin_ns(), 1 << 24);
    const auto percent = occupancy.percent(2'000'000'000);
    EXPECT_EQ(percent.size(), 120U);
    EXPECT_EQ(percent[0], 3);
    EXPECT_EQ(percent[30], 0);
    EXPECT_EQ(percent[100], 100);
    EXPECT_EQ(percent.back(), 100);
    occupancy.add(5, 5);
    occupancy.add(-10, 3);
    EXPECT_EQ(occupancy.percent(0), std::vector<std::uint8_t>{});
}

}  // namespace
}  // namespace kaygraph
