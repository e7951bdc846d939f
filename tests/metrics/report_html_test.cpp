#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/metrics/report_html.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace kaygraph {
namespace {

using test::expect_says;

RunDocument run_of(int n_ranks, std::uint32_t n_threads) {
    RunDocument document{.started = 1.5e9};
    document.facts = {{"job", "embed"}, {"status", "complete"}, {"output", "<out> & \"co\".npy"}};
    document.totals = {{"items", 1000}, {"rows", 998}, {"rejected", 2}};
    RunReport& report = document.report;
    report.elapsed = Seconds{10};
    report.work = Seconds{9.0 * n_ranks * n_threads};
    report.critical_path = Seconds{1};
    report.ranks = n_ranks;
    report.threads = n_threads;
    NodeStats open{.name = "open", .kind = "Node"};
    open.times.visit.add(1'000'000'000);
    NodeStats embed{.name = "embed", .kind = "ParallelBatchNode"};
    embed.counts.items = 1000;
    embed.times.visit.add(9'000'000'000);
    embed.times.work_ns = 9'000'000'000;
    embed.times.block.add(5'000'000);
    report.nodes = {open, embed};
    report.edges = {{"open", "embed", "default"}, {"embed", "open", "again"}};
    for (int rank = 0; rank < n_ranks; ++rank) {
        report.by_rank.push_back({.rank = rank, .host = "host", .busy_ns = 1000 + 900 * (rank == 0)}
        );
        for (std::uint32_t thread = 0; thread < n_threads; ++thread) {
            report.timeline.occupancy.push_back({rank, thread, 1 << 28, {100, 50, 0, 100}});
        }
    }
    return document;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++n;
    }
    return n;
}

const CheckedPoint& point_of(const std::vector<CheckedPoint>& points, const std::string& text) {
    return *std::find_if(points.begin(), points.end(), [&](const CheckedPoint& point) {
        return point.point.find(text) != std::string::npos;
    });
}

TEST(ReportHtml, NeedsNothingFromOutsideAndEscapesWhatItIsTold) {
    const std::string page = to_html(
        run_of(2, 2),
        {{.row = 7,
          .file = "a<b>.jsonl",
          .offset = 12'345,
          .code = "malformed",
          .excerpt = "<script>\x01"}}
    );
    expect_says(
        page, "&lt;out&gt; &amp; &quot;co&quot;.npy", "&lt;script&gt;", "12,345", "998", "2 × 2"
    );
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_EQ(page.find("http"), std::string::npos);
    EXPECT_EQ(page.find("src="), std::string::npos);
    EXPECT_EQ(page.find('\x01'), std::string::npos);
    EXPECT_EQ(count(page, "<svg"), count(page, "</svg>"));
    EXPECT_EQ(count(page, "<div"), count(page, "</div>"));
}

TEST(ReportHtml, GroupsManyRanks) {
    expect_says(to_html(run_of(2, 2)), "rank 1, thread 1");
    const std::string some = to_html(run_of(30, 16));
    expect_says(some, ">rank 29<");
    EXPECT_EQ(some.find("rank 1, thread 1"), std::string::npos);
    const std::string many = to_html(run_of(400, 16));
    expect_says(many, "ranks 390–399", "Each of the 400 ranks", "All 400 ranks");
    EXPECT_LT(many.size(), 2'000'000U);
}

TEST(ReportHtml, IsMadeOfARunThatDidNothing) {
    const std::string page = to_html({});
    expect_says(page, "No times were kept", "No item was timed");
}

TEST(Checklist, JudgesByTheRunsOwnFigures) {
    const auto good = checklist(run_of(1, 2));
    EXPECT_EQ(point_of(good, "cores").verdict, CheckedPoint::Verdict::good);
    EXPECT_EQ(point_of(good, "bulk").verdict, CheckedPoint::Verdict::good);
    EXPECT_EQ(point_of(good, "equal work").verdict, CheckedPoint::Verdict::not_measured);
    EXPECT_EQ(point_of(good, "rejected").verdict, CheckedPoint::Verdict::look);

    RunDocument bad = run_of(4, 2);
    bad.report.work = Seconds{10};
    for (int i = 0; i < 1000; ++i) {
        bad.report.nodes[1].times.item.add(500);
    }
    const auto points = checklist(bad);
    EXPECT_EQ(point_of(points, "cores").verdict, CheckedPoint::Verdict::look);
    EXPECT_EQ(point_of(points, "bulk").verdict, CheckedPoint::Verdict::look);
    EXPECT_EQ(point_of(points, "equal work").verdict, CheckedPoint::Verdict::look);
    expect_says(point_of(points, "equal work").figure, "1.55");
}

TEST(RejectedItem, IsReadFromItsLine) {
    const RejectedItem item = parse_rejected_item(
        R"({"row":7,"file":"a","offset":12,"excerpt":"x","code":"malformed","attempts":1,"message":"m"})",
        "rejects.jsonl"
    );
    EXPECT_EQ(item.row, 7U);
    EXPECT_EQ(item.offset, 12U);
    EXPECT_EQ(item.code, "malformed");
    for (const char* line : {"", "[]", "{}", R"({"row":-1})", R"({"row":1,"file":3})"}) {
        EXPECT_THROW(static_cast<void>(parse_rejected_item(line, "r")), FormatError) << line;
    }
}

}  // namespace
}  // namespace kaygraph
