// Semantics, section "Walk".
#include "support/catch_log.hpp"
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::run;
using test::thrown;
using Trace = std::vector<std::string>;

/// Writes its name into "trace" and returns an action.
struct Named : Node {
    std::string name;
    std::string action;
    Action post(Store& shared) const {
        if (!shared.contains("trace")) {
            shared.set("trace", Trace{});
        }
        shared.update<Trace>("trace", [&](Trace& trace) { trace.push_back(name); });
        return action;
    }
};
Named named(const std::string& name, const std::string& action = "") {
    return {{}, name, action};
}

Trace trace_of(const Graph& graph) {
    Store shared;
    run(graph, shared);
    return shared.get<Trace>("trace");
}

// = Visit = hooks before_prep -> prep -> exec (with retry and fallback) -> after_exec -> post.

TEST(Walk, AVisitRunsItsPhasesInOrder) {
    struct All : Node {
        Trace* trace;
        void before_prep(const Store&) const { trace->push_back("before_prep"); }
        int prep(const Store&) const { return trace->push_back("prep"), 1; }
        int exec(int x) const { return trace->push_back("exec"), x + 1; }
        void after_exec(const Store&, int p, int r) const {
            trace->push_back("after_exec " + std::to_string(p) + std::to_string(r));
        }
        Action post(Store&, int p, int r) const {
            trace->push_back("post " + std::to_string(p) + std::to_string(r));
            return {};
        }
    };
    Trace trace;
    Graph graph{"g"};
    graph.add("all", All{{}, &trace});
    Store shared;
    run(graph, shared);
    EXPECT_EQ(trace, (Trace{"before_prep", "prep", "exec", "after_exec 12", "post 12"}));
}

// = Every phase is optional.

TEST(Walk, EveryPhaseIsOptional) {
    struct Nothing : Node {};
    Graph graph{"g"};
    graph.add("nothing", Nothing{});
    Store shared;
    EXPECT_EQ(run(graph, shared).last_action, "default");
}

// = post returns an action. None, or an empty string, means "default"; "default" is the same key.

TEST(Walk, NoActionAnEmptyOneAndDefaultAreTheSame) {
    struct Silent : Node {
        void post(Store&) const {}
    };
    struct Null : Node {
        const char* post(Store&) const { return nullptr; }
    };
    for (const std::string returned : {"", "default"}) {
        Graph graph{"g"};
        const auto first = graph.add("first", named("first", returned));
        first.on("default") >> graph.add("second", named("second"));
        EXPECT_EQ(trace_of(graph), (Trace{"first", "second"}));
    }
    const auto with = [](auto node) {
        Graph graph{"g"};
        graph.add("first", node) >> graph.add("second", named("second"));
        return trace_of(graph);
    };
    EXPECT_EQ(with(Silent{}), Trace{"second"});
    EXPECT_EQ(with(Null{}), Trace{"second"});
    EXPECT_EQ(Action{""}, Action{"default"});
}

// = A node without any successor ends the walk silently.

TEST(Walk, ANodeWithoutSuccessorsEndsItSilently) {
    const test::CatchLog caught;
    Graph graph{"g", {.log = caught.log()}};
    graph.add("only", named("only", "whatever"));
    Store shared;
    EXPECT_EQ(run(graph, shared).last_action, "whatever");
    EXPECT_TRUE(caught.lines().empty());
}

// = A node with successors ends it normally with one warning that names the action and the known actions.

TEST(Walk, AnUnknownActionEndsItWithOneWarning) {
    const test::CatchLog caught;
    Graph graph{"g", {.log = caught.log()}};
    const auto first = graph.add("first", named("first", "sideways"));
    const auto second = graph.add("second", named("second"));
    first.on("up") >> second;
    first.on("down") >> second;
    Store shared;
    EXPECT_EQ(run(graph, shared).last_action, "sideways");
    EXPECT_EQ(shared.get<Trace>("trace"), Trace{"first"});
    ASSERT_EQ(caught.lines().size(), 1U);
    expect_says(caught.lines()[0], "first: ", "'sideways'", "'up'", "'down'");
}

// + GraphOptions.unknown_action = error makes it an error.

TEST(Walk, AnUnknownActionIsAnErrorWhereAskedFor) {
    Graph graph{"g", {.unknown_action = UnknownAction::error}};
    const auto first = graph.add("first", named("first", "sideways"));
    first.on("up") >> graph.add("second", named("second"));
    Store shared;
    RunReport report;
    expect_says(
        thrown<GraphError>([&] { run(graph, shared, {.report = &report}); }),
        "'sideways'",
        "'up'",
        "node 'first'"
    );
    ASSERT_TRUE(report.failed);
    EXPECT_EQ(report.failed->node, "first");
    EXPECT_EQ(report.failed->failure.code, ErrorCode::unknown_action);
}

// = One successor per action; registering again replaces it with one warning.

TEST(Walk, ASecondSuccessorForAnActionReplacesTheFirstWithOneWarning) {
    const test::CatchLog caught;
    Graph graph{"g", {.log = caught.log()}};
    const auto first = graph.add("first", named("first"));
    const auto old_one = graph.add("old", named("old"));
    const auto new_one = graph.add("new", named("new"));
    first >> old_one;
    first >> new_one;
    first.on("other") >> old_one;  // so that it is reached
    ASSERT_EQ(caught.lines().size(), 1U);
    expect_says(caught.lines()[0], "'default'", "'old'", "'new'");
    EXPECT_EQ(trace_of(graph), (Trace{"first", "new"}));
}

// = a >> b returns b.

TEST(Walk, WiringReturnsTheSuccessor) {
    Graph graph{"g"};
    const auto a = graph.add("a", named("a", "go"));
    const auto b = graph.add("b", named("b"));
    const auto c = graph.add("c", named("c"));
    const NodeHandle last = (a - "go") >> b >> c;
    EXPECT_EQ(last.name(), "c");
    EXPECT_EQ(trace_of(graph), (Trace{"a", "b", "c"}));
}

// = A walk returns the last action; a graph's own post gets it and by default returns it, so an outer
//   graph can branch on it.

TEST(Walk, ANestedGraphsActionRoutesTheOuterGraph) {
    Graph inner{"inner"};
    inner.add("decide", named("decide", "left"));
    Graph outer{"outer"};
    const auto nested = outer.add("inner", std::move(inner));
    nested.on("left") >> outer.add("left", named("left"));
    nested.on("right") >> outer.add("right", named("right"));
    EXPECT_EQ(trace_of(outer), (Trace{"decide", "left"}));
}

TEST(Walk, AGraphsPostGetsTheLastActionAndDecides) {
    Action seen;
    Graph inner{"inner", {.post = [&](Store&, const Action& last) {
                    seen = last;
                    return Action{"right"};
                }}};
    inner.add("decide", named("decide", "left"));
    Graph outer{"outer"};
    const auto nested = outer.add("inner", std::move(inner));
    nested.on("left") >> outer.add("left", named("left"));
    nested.on("right") >> outer.add("right", named("right"));
    EXPECT_EQ(trace_of(outer), (Trace{"decide", "right"}));
    EXPECT_EQ(seen, "left");
}

// = A graph used as a node runs prep -> walk -> post; its exec is never called.

TEST(Walk, AGraphAsANodeRunsPrepWalkPost) {
    Trace trace;
    const auto note = [&](const std::string& what) {
        trace.push_back(what);
    };
    Graph inner{
        "inner",
        {.prep = [&](const Store&) { note("prep"); },
         .post =
             [&](Store&, const Action& last) {
                 return note("post"), last;
             }}};
    inner.add(
        "walk",
        node(
            no_phase, [&] { note("walk"); }, no_phase
        )
    );
    Graph outer{"outer"};
    outer.add("inner", std::move(inner));
    Store shared;
    const RunReport report = run(outer, shared);
    EXPECT_EQ(trace, (Trace{"prep", "walk", "post"}));
    EXPECT_EQ(report.find("inner")->kind, "Graph");
    EXPECT_EQ(report.find("inner/walk")->counts.visits, 1U);
}

// = A loop of any length runs in constant stack and memory (10^6 visits is a test).

TEST(Walk, AMillionVisitsRunInConstantMemory) {
    struct Loop : Node {
        Action post(Store& shared) const {
            std::int64_t left = 0;
            shared.update<std::int64_t>("left", [&](std::int64_t& n) { left = --n; });
            return left > 0 ? "again" : "";
        }
    };
    Graph graph{"g"};
    const auto loop = graph.add("loop", Loop{});
    const auto end = graph.add("end", Node{});
    loop.on("again") >> loop;
    loop >> end;
    graph.record(Metrics::on);
    const auto peak_kib = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    Store shared;
    shared.set<std::int64_t>("left", 1000);
    run(graph, shared);
    const auto before = peak_kib();
    const bool is_alone = test::n_ranks() == 1;  // on ranks each visit ends with an agreement
    const std::int64_t n_visits = is_alone ? 1'000'000 : 50'000;
    shared.set<std::int64_t>("left", std::int64_t{n_visits});
    const RunReport report = run(graph, shared);
    EXPECT_EQ(report.find("loop")->counts.visits, static_cast<std::uint64_t>(n_visits));
    EXPECT_LE(
        peak_kib() - before, is_alone ? 1024 : 16'384
    );  // a byte a visit would show; MPI's pools
}

// = Running one node that has successors: one warning, only that node runs.

TEST(Walk, RunningOneNodeRunsOnlyThatNode) {
    const test::CatchLog caught;
    Graph graph{"g", {.log = caught.log()}};
    const auto first = graph.add("first", named("first", "on"));
    const auto second = graph.add("second", named("second"));
    first.on("on") >> second;
    Store shared;
    EXPECT_EQ(run(first, shared).last_action, "on");
    EXPECT_EQ(shared.get<Trace>("trace"), Trace{"first"});
    ASSERT_EQ(caught.lines().size(), 1U);
    expect_says(caught.lines()[0], "first: ", "successors", "alone");
    run(second, shared);
    EXPECT_EQ(caught.lines().size(), 1U);  // it has none
}

// + Limits: max_visits, deadline, stop token; exceeding one ends with an error that names the node.

Graph endless(Graph graph = Graph{"endless"}) {
    const auto loop = graph.add("loop", Node{});
    loop >> loop;
    return graph;
}

TEST(Walk, MaxVisitsEndsAnEndlessLoop) {
    const Graph graph = endless();
    Store shared;
    RunReport report;
    expect_says(
        thrown<GraphError>([&] { run(graph, shared, {.max_visits = 1000, .report = &report}); }),
        "1000 visits",
        "max_visits",
        "node 'loop'"
    );
    EXPECT_EQ(report.find("loop")->counts.visits, 1000U);
    EXPECT_EQ(report.failed->failure.code, ErrorCode::max_visits);
    EXPECT_EQ(report.failed->node, "loop");
}

TEST(Walk, MaxVisitsCountsThoseOfNestedGraphs) {
    Graph outer{"outer"};
    const auto nested = outer.add("inner", endless());
    nested >> outer.add("end", Node{});
    Store shared;
    expect_says(
        thrown<GraphError>([&] { run(outer, shared, {.max_visits = 10}); }), "node 'inner/loop'"
    );
}

TEST(Walk, TheDeadlineEndsAnEndlessLoop) {
    using namespace std::chrono_literals;
    const Graph graph = endless();
    Store shared;
    RunReport report;
    expect_says(
        thrown<GraphError>([&] { run(graph, shared, {.deadline = 20ms, .report = &report}); }),
        "deadline of 0.02 s",
        "node 'loop'"
    );
    EXPECT_EQ(report.failed->failure.code, ErrorCode::deadline);
}

TEST(Walk, AStopRequestEndsIt) {
    const StopSource source;
    Graph graph{"g"};
    const auto stop = graph.add(
        "stop",
        node(
            no_phase, [&] { source.request_stop(); }, no_phase
        )
    );
    stop >> graph.add("after", Node{});
    Store shared;
    RunReport report;
    expect_says(
        thrown<Stopped>([&] { run(graph, shared, {.stop = source.token(), .report = &report}); }),
        "asked to stop",
        "node 'after'"
    );
    EXPECT_EQ(report.find("stop")->counts.visits, 1U);
    EXPECT_EQ(report.find("after")->counts.visits, 0U);
}

}  // namespace
}  // namespace kaygraph
