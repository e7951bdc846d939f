// Semantics, section "Graphs over parameter sets": batch graphs.
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::run;
using test::thrown;
using Trace = std::vector<std::string>;

std::vector<Params> sets_of(int n) {
    std::vector<Params> sets;
    for (int i = 0; i < n; ++i) {
        sets.push_back({{"i", i}});
    }
    return sets;
}

/// Appends what its params say to "trace"; the action is even or odd.
struct Note : Node {
    Action post(Store& shared, const Context& context) const {
        if (!shared.contains("trace")) {
            shared.set("trace", Trace{});
        }
        const int i = context.params().get<int>("i");
        shared.update<Trace>("trace", [&](Trace& trace) {
            trace.push_back(std::to_string(i) + context.params().get_or<std::string>("p", ""));
        });
        return i % 2 == 0 ? "even" : "odd";
    }
};

// = BatchGraph: its prep returns parameter sets; for each, the walk runs with the graph's params overlaid by
//   the set; post gets the sets and + the last action of each.

TEST(BatchGraph, WalksOnceForEachParameterSet) {
    BatchGraph graph{
        "batch",
        {.parameter_sets = [](const Store& shared) { return sets_of(shared.get<int>("n")); },
         .params = {{"p", "!"}},
         .post =
             [](Store& shared, const std::vector<Params>& sets, const std::vector<Action>& last) {
                 shared.set("n_sets", sets.size());
                 shared.set("last", last);
                 return Action{"done"};
             }}};
    graph.add("note", Note{});
    Store shared;
    shared.set("n", 3);
    const RunReport report = run(graph, shared);
    EXPECT_EQ(shared.get<Trace>("trace"), (Trace{"0!", "1!", "2!"}));
    EXPECT_EQ(shared.get<std::size_t>("n_sets"), 3U);
    EXPECT_EQ(
        shared.get<std::vector<Action>>("last"), (std::vector<Action>{"even", "odd", "even"})
    );
    EXPECT_EQ(report.last_action, "done");
    EXPECT_EQ(report.find("note")->counts.visits, 3U);
}

TEST(BatchGraph, NoSetsNoWalkAndStillPost) {
    bool posted = false;
    BatchGraph graph{
        "batch",
        {.parameter_sets = [](const Store&) { return std::vector<Params>{}; },
         .post =
             [&](Store&, const auto&, const auto&) {
                 return posted = true, Action{};
             }}};
    graph.add("note", Note{});
    Store shared;
    run(graph, shared);
    EXPECT_TRUE(posted);
    EXPECT_FALSE(shared.contains("trace"));
}

// the set wins; inner levels win over outer

TEST(BatchGraph, TheSetWinsAndInnerLevelsWinOverOuter) {
    BatchGraph inner{"inner", {.parameter_sets = [](const Store&) {
                         return std::vector<Params>{{{"i", 10}}, {{"p", "inner"}}};
                     }}};
    inner.add("note", Note{});
    BatchGraph outer{
        "outer",
        {.parameter_sets =
             [](const Store&) {
                 return std::vector<Params>{{{"i", 1}, {"p", "a"}}, {{"i", 2}}};
             },
         .params = {{"p", "own"}}}};
    outer.add("inner", std::move(inner));
    Store shared;
    run(outer, shared);
    EXPECT_EQ(shared.get<Trace>("trace"), (Trace{"10a", "1inner", "10own", "2inner"}));
}

TEST(BatchGraph, ItsActionRoutesTheOuterGraph) {
    BatchGraph inner{
        "inner",
        {.parameter_sets = [](const Store&) { return sets_of(2); },
         .post =
             [](Store&, const auto&, const auto&) {
                 return Action{"left"};
             }}};
    inner.add("note", Note{});
    Graph outer{"outer"};
    const auto nested = outer.add("inner", std::move(inner));
    nested.on("left")
        >> outer.add("left", node(no_phase, no_phase, [](Store& s) { s.set("left", 1); }));
    Store shared;
    run(outer, shared);
    EXPECT_TRUE(shared.contains("left"));
}

TEST(BatchGraph, NeedsParameterSets) {
    expect_says(
        thrown<ArgumentError>([] {
            BatchGraph{"batch", {}};
        }),
        "'batch'",
        "parameter_sets"
    );
    expect_says(
        thrown<ArgumentError>([] {
            BatchGraph{
                "batch",
                {.parameter_sets = [](const Store&) { return sets_of(1); },
                 .parallel = ParallelWalks{.threads = 0}}};
        }),
        "threads is 0"
    );
}

// + .parallel: walks run concurrently on threads; each sees the store as it was plus its own writes; writes are
//   merged in set order by the rule of forks (disjoint keys, declared reducers, else error).

/// Writes a key of its own, and one that all write.
struct WriteKeys : Node {
    bool common;
    void post(Store& shared, const Context& context) const {
        const int i = context.params().get<int>("i");
        EXPECT_EQ(shared.get<int>("before"), 7);
        EXPECT_FALSE(shared.contains("key " + std::to_string(i - 1)));  // of another walk
        shared.set("key " + std::to_string(i), i);
        EXPECT_EQ(shared.get<int>("key " + std::to_string(i)), i);
        if (common) {
            shared.set("text", std::to_string(i));
        }
    }
};

BatchGraph parallel_graph(
    std::size_t threads,
    int n,
    bool common,
    std::vector<Reducer> reducers = {}
) {
    BatchGraph graph{
        "batch",
        {.parameter_sets = [n](const Store&) { return sets_of(n); },
         .parallel = ParallelWalks{.threads = threads},
         .reducers = std::move(reducers)}};
    graph.add("write", WriteKeys{{}, common});
    return graph;
}

TEST(ParallelBatchGraph, UnitesDisjointWrites) {
    for (const std::size_t threads : {1U, 2U, 4U}) {
        const BatchGraph graph = parallel_graph(threads, 50, false);
        Store shared;
        shared.set("before", 7);
        const RunReport report = run(graph, shared);
        EXPECT_EQ(shared.size(), 51U);
        EXPECT_EQ(shared.get<int>("key 49"), 49);
        EXPECT_EQ(report.find("write")->counts.visits, 50U);
    }
}

TEST(ParallelBatchGraph, ReducesInSetOrder) {
    for (const std::size_t threads : {1U, 2U, 4U}) {
        const BatchGraph graph =
            parallel_graph(threads, 12, true, {reducer<std::string>("text", std::plus<>{})});
        Store shared;
        shared.set("before", 7);
        run(graph, shared);
        EXPECT_EQ(shared.get<std::string>("text"), "01234567891011");
    }
}

TEST(ParallelBatchGraph, AConflictNamesKeyAndSetsAndChangesNothing) {
    const BatchGraph graph = parallel_graph(2, 3, true);
    Store shared;
    shared.set("before", 7);
    RunReport report;
    const std::string message =
        thrown<StoreError>([&] { run(graph, shared, {.report = &report}); });
    expect_says(message, "key 'text'", "'parameter set 0'", "'parameter set 2'", "reducer");
    EXPECT_EQ(shared.keys(), std::vector<std::string>{"before"});
    EXPECT_EQ(report.failed->failure.code, ErrorCode::merge_conflict);
}

TEST(ParallelBatchGraph, AnErrorComesOutAsItWasWithItsPlace) {
    for (const std::size_t threads : {1U, 4U}) {
        struct Fails : Node {
            void exec(const Context& context) const {
                if (context.params().get<int>("i") == 5) {
                    throw std::out_of_range("five");
                }
            }
        };
        BatchGraph graph{
            "batch",
            {.parameter_sets = [](const Store&) { return sets_of(9); },
             .parallel = ParallelWalks{.threads = threads}}};
        graph.add("fails", Fails{});
        Store shared;
        RunReport report;
        EXPECT_EQ(
            thrown<std::out_of_range>([&] { run(graph, shared, {.report = &report}); }), "five"
        );
        EXPECT_EQ(report.failed->node, "fails");
        EXPECT_EQ(report.failed->phase, "exec");
        EXPECT_EQ(report.failed->failure.item, 5);  // the set
    }
}

TEST(ParallelBatchGraph, NodesOfConcurrentWalksHaveOneWorker) {
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        void exec(std::size_t, const Context& context) const { EXPECT_EQ(context.n_threads(), 1U); }
    };
    BatchGraph graph{
        "batch",
        {.parameter_sets = [](const Store&) { return sets_of(8); },
         .parallel = ParallelWalks{.threads = 4}}};
    graph.add("items", Items{}, {.threads = 4});
    Store shared;
    const RunReport report = run(graph, shared);
    EXPECT_EQ(report.find("items")->counts.items, 800U);
}

TEST(BatchGraph, ProgressIsNotReportedFromConcurrentWalks) {
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        void exec(std::size_t) const {}
    };
    std::atomic<int> n_calls{0};
    BatchGraph graph{
        "sets",
        {.parameter_sets = [](const Store&) { return std::vector<Params>(8); },
         .parallel = ParallelWalks{.threads = 2}}};
    graph.add("items", Items{}, {.progress = [&](const Progress&) {
                  ++n_calls;
              }});
    Store shared;
    run(graph, shared);
    EXPECT_EQ(n_calls, 0);
}

}  // namespace
}  // namespace kaygraph
