// Fan-out and merge (design), forks of concurrent branches.
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using namespace std::chrono_literals;
using test::expect_says;
using test::run;
using test::thrown;
using Text = std::string;

/// A node that does something to the store.
auto does(std::function<void(Store&)> what) {
    return node(no_phase, no_phase, [what = std::move(what)](Store& shared) { what(shared); });
}
auto sets(const Text& key, const Text& value) {
    return does([=](Store& shared) { shared.set(key, value); });
}

constexpr std::size_t thread_counts[] = {1, 2, 4};

TEST(Fork, UnitesTheDisjointWritesOfThreeBranches) {
    for (const std::size_t threads : thread_counts) {
        Graph graph{"g"};
        const auto load = graph.add("load", sets("input", "x"));
        const auto merge =
            graph.add("merge", does([](Store& shared) {
                          shared.set(
                              "merged",
                              shared.get<Text>("a") + shared.get<Text>("b") + shared.get<Text>("c")
                          );
                      }));
        load >> fork(
            graph.add("a", sets("a", "1")),
            graph.add("b", sets("b", "2")),
            graph.add("c", sets("c", "3"))
        ) >> merge;
        Store shared;
        const RunReport report = run(graph, shared, {.threads = threads});
        EXPECT_EQ(shared.get<Text>("merged"), "123");
        EXPECT_EQ(report.find("merge")->counts.visits, 1U);  // the join happens once
        EXPECT_EQ(report.find("fork(a, b, c)")->counts.visits, 1U);
    }
}

// Each branch sees the store as it was at the fork plus its own writes.

TEST(Fork, ABranchSeesTheStoreAtTheForkAndItsOwnWrites) {
    for (const std::size_t threads : thread_counts) {
        Graph graph{"g"};
        const auto load = graph.add("load", sets("input", "x"));
        const auto branch = [&](const Text& name, const Text& other) {
            const auto first = graph.add(name + "1", does([=](Store& shared) {
                                             EXPECT_EQ(shared.get<Text>("input"), "x");
                                             shared.set(name, Text{"w"});
                                         }));
            first >> graph.add(name + "2", does([=](Store& shared) {
                                   std::this_thread::sleep_for(1ms);
                                   EXPECT_EQ(shared.get<Text>(name), "w");
                                   EXPECT_FALSE(shared.contains(other));
                               }));
            return first;
        };
        load >> fork(branch("a", "b"), branch("b", "a"));
        Store shared;
        run(graph, shared, {.threads = threads});
        EXPECT_EQ(shared.keys(), (std::vector<Text>{"a", "b", "input"}));
    }
}

TEST(Fork, AnUpdateInPlaceAndAnEraseAreWritesToo) {
    for (const std::size_t threads : thread_counts) {
        Graph graph{"g"};
        const auto load = graph.add("load", does([](Store& shared) {
                                        shared.set("list", std::vector<int>{1});
                                        shared.set("gone", 1);
                                    }));
        load >> fork(
            graph.add("update", does([](Store& s) {
                          s.update<std::vector<int>>("list", [](auto& l) { l.push_back(2); });
                      })),
            graph.add("erase", does([](Store& s) { s.erase("gone"); }))
        );
        Store shared;
        run(graph, shared, {.threads = threads});
        EXPECT_EQ(shared.get<std::vector<int>>("list"), (std::vector<int>{1, 2}));
        EXPECT_FALSE(shared.contains("gone"));
    }
}

// a key written by two branches is an error that names key and branches

TEST(Fork, AConflictNamesEveryKeyAndItsBranchesAndChangesNothing) {
    for (const std::size_t threads : thread_counts) {
        Graph graph{"g"};
        const auto load = graph.add("load", sets("input", "x"));
        load >> fork(
            graph.add("a", does([](Store& s) {
                          s.set("one", 1);
                          s.set("two", 1);
                          s.set("own", 1);
                      })),
            graph.add("b", does([](Store& s) { s.set("one", 2); })),
            graph.add("c", does([](Store& s) {
                          s.set("two", 3);
                          s.erase("input");
                      }))
        );
        Store shared;
        RunReport report;
        const Text message = thrown<StoreError>([&] {
            run(graph, shared, {.threads = threads, .report = &report});
        });
        expect_says(
            message,
            "key 'one' by 'a' 'b'",
            "key 'two' by 'a' 'c'",
            "declare a reducer",
            "node 'fork(a, b, c)'"
        );
        EXPECT_EQ(shared.keys(), std::vector<Text>{"input"});
        EXPECT_EQ(report.failed->failure.code, ErrorCode::merge_conflict);
        EXPECT_EQ(report.failed->phase, "post");
    }
}

// unless a reducer was declared for it

TEST(Fork, AReducerFoldsInDeclaredOrder) {
    for (const std::size_t threads : thread_counts) {
        Graph graph{"g"};
        const auto load = graph.add("load", Node{});
        const auto late = graph.add("late", does([](Store& s) {
                                        std::this_thread::sleep_for(2ms);
                                        s.set("text", Text{"1"});
                                    }));
        load >> fork(
                    late,
                    graph.add("silent", Node{}),
                    graph.add("early", sets("text", "2")),
                    graph.add("last", sets("text", "3"))
        )
                    .with(reducer<Text>("text", std::plus<>{}))
                    .named("texts");
        Store shared;
        const RunReport report = run(graph, shared, {.threads = threads});
        EXPECT_EQ(shared.get<Text>("text"), "123");
        EXPECT_NE(report.find("texts"), nullptr);
    }
}

TEST(Fork, AReducerMeetsAnotherTypeWithAnError) {
    Graph graph{"g"};
    const auto load = graph.add("load", Node{});
    load >> fork(
                graph.add("a", sets("n", "text")),
                graph.add("b", does([](Store& s) { s.set("n", 1); }))
    ).with(reducer<Text>("n", std::plus<>{}));
    Store shared;
    expect_says(
        thrown<StoreError>([&] { run(graph, shared); }),
        "key 'n'",
        "basic_string",
        "'b' wrote a int"
    );
}

TEST(Fork, ForksMayBeNested) {
    for (const std::size_t threads : thread_counts) {
        Graph graph{"g"};
        const auto load = graph.add("load", Node{});
        const auto left = graph.add("left", sets("left", "l"));
        left >> fork(graph.add("ll", sets("ll", "1")), graph.add("lr", sets("lr", "2")))
            >> graph.add("left end", does([](Store& s) {
                             s.set("left end", s.get<Text>("ll") + s.get<Text>("lr"));
                         }));
        const auto right = graph.add("right", sets("right", "r"));
        load >> fork(left, right)
            >> graph.add("end", does([](Store& s) {
                             s.set("end", s.get<Text>("left end") + s.get<Text>("right"));
                         }));
        Store shared;
        run(graph, shared, {.threads = threads});
        EXPECT_EQ(shared.get<Text>("end"), "12r");
    }
}

TEST(Fork, TheErrorOfTheFirstBranchInDeclaredOrderIsThrown) {
    for (const std::size_t threads : thread_counts) {
        for (int repetition = 0; repetition < 10; ++repetition) {
            std::atomic<int> n_running{0};
            Graph graph{"g"};
            const auto load = graph.add("load", Node{});
            const auto slow = graph.add("slow", does([&](Store& shared) {
                                            ++n_running;
                                            shared.set("slow", 1);
                                            std::this_thread::sleep_for(1ms);
                                            --n_running;
                                            throw std::out_of_range("slow");
                                        }));
            const auto fast =
                graph.add("fast", does([](Store&) { throw std::range_error("fast"); }));
            const auto good = graph.add("good", does([&](Store& shared) {
                                            ++n_running;
                                            std::this_thread::sleep_for(2ms);
                                            shared.set("good", 1);
                                            --n_running;
                                        }));
            load >> fork(slow, fast, good);
            Store shared;
            RunReport report;
            EXPECT_EQ(
                thrown<std::out_of_range>([&] {
                    run(graph, shared, {.threads = threads, .report = &report});
                }),
                "slow"
            );
            EXPECT_EQ(n_running, 0);       // no task is alive after an error
            EXPECT_EQ(shared.size(), 0U);  // writes without a join are dropped
            EXPECT_EQ(report.failed->node, "slow");
        }
    }
}

TEST(Fork, ABranchIsAWalkWithLoopsAndRoutes) {
    Graph graph{"g"};
    const auto load = graph.add("load", does([](Store& s) { s.set("n", 0); }));
    const auto loop = graph.add("loop", node(no_phase, no_phase, [](Store& s) {
                                    s.update<int>("n", [](int& n) { ++n; });
                                    return s.get<int>("n") < 10 ? "again" : "done";
                                }));
    loop.on("again") >> loop;
    loop.on("done") >> graph.add("after loop", sets("looped", "yes"));
    load >> fork(loop, graph.add("other", sets("other", "1")));
    Store shared;
    run(graph, shared, {.threads = 2});
    EXPECT_EQ(shared.get<int>("n"), 10);
    EXPECT_EQ(shared.get<Text>("looped"), "yes");
}

// Branches without distributed nodes run concurrently; branches that contain one run in declared order, each
// with the whole machine.

TEST(Fork, BranchesRunConcurrently) {
    Graph graph{"g"};
    std::atomic<int> n_arrived{0};
    const auto meet = [&](Store&) {  // ends only if the other branch runs at the same time
        ++n_arrived;
        const auto until = std::chrono::steady_clock::now() + 60s;
        while (n_arrived < 2 && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
        EXPECT_EQ(n_arrived, 2);
    };
    const auto load = graph.add("load", Node{});
    load >> fork(graph.add("a", does(meet)), graph.add("b", does(meet)));
    Store shared;
    run(graph, shared, {.threads = 2});
}

TEST(Fork, BranchesWithASpreadNodeRunInOrderWithTheWholeMachine) {
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{1000}; }
        void exec(std::size_t, const Context& context) const { EXPECT_EQ(context.n_threads(), 3U); }
    };
    std::vector<Text> order;  // no lock: nothing runs beside it
    const auto note = [&](const Text& name) {
        return does([&order, name](Store&) { order.push_back(name); });
    };
    Graph inner{"inner"};
    inner.add("items", Items{});
    Graph graph{"g"};
    const auto load = graph.add("load", Node{});
    const auto a = graph.add("a", note("a"));
    a >> graph.add("inner", std::move(inner));
    load >> fork(a, graph.add("b", note("b")));
    Store shared;
    run(graph, shared, {.threads = 3});
    EXPECT_EQ(order, (std::vector<Text>{"a", "b"}));
}

TEST(Fork, ItsJoinRespectsTheHardLimitOfTheStore) {
    Graph graph{"g"};
    const auto load = graph.add("load", Node{});
    const auto big = [](const Text& key) {
        return does([key](Store& s) { s.set(key, std::vector<char>(600)); });
    };
    load >> fork(graph.add("a", big("a")), graph.add("b", big("b")));
    Store shared{{.hard_limit = 1000}};
    EXPECT_THROW(run(graph, shared), StoreError);
    EXPECT_EQ(shared.size(), 0U);
}

TEST(Fork, EveryBranchRunsWhateverBecomesOfTheOthers) {
    for (const std::size_t threads : {1U, 2U}) {
        Graph graph{"g"};
        const auto load = graph.add("load", Node{});
        const auto fails = [](Store&) {
            throw std::runtime_error("fails");
        };
        load >> fork(graph.add("a", does(fails)), graph.add("b", Node{}));
        Store shared;
        RunReport report;
        EXPECT_THROW(
            run(graph, shared, {.threads = threads, .report = &report}), std::runtime_error
        );
        EXPECT_EQ(report.find("b")->counts.visits, 1U) << threads;
    }
}

TEST(Fork, ALimitJudgesTheOutcomeOfTheJoin) {
    Graph graph{"g"};
    const auto load = graph.add("load", does([](Store& s) { s.set("z", std::vector<char>(600)); }));
    const auto swap = does([](Store& s) {
        s.erase("z");
        s.set("a", std::vector<char>(700));
    });
    load >> fork(graph.add("swap", swap), graph.add("b", Node{}));
    Store shared{{.hard_limit = 1000}};
    run(graph, shared);
    EXPECT_TRUE(shared.contains("a"));
    EXPECT_FALSE(shared.contains("z"));
}

TEST(Fork, CountsDoNotDependOnThreadsWhereAnErrorIsDropped) {
    const auto counts_with = [](std::size_t threads) {
        Graph inner{"inner", {.on_error = [](Store&, const std::exception&) {
                        return true;
                    }}};
        const auto start = inner.add("start", Node{});
        std::vector<NodeHandle> branches;
        for (int i = 0; i < 6; ++i) {
            const auto may_fail = [i] {
                if (i == 1 || i == 4) {
                    throw std::runtime_error("branch");
                }
            };
            const Text number = std::to_string(i);
            branches.push_back(inner.add("first" + number, node(no_phase, may_fail, no_phase)));
            branches.back() >> inner.add("last" + number, Node{});
        }
        start >> Fork{branches} >> inner.add("join", Node{});
        Graph graph{"g"};
        graph.add("inner", std::move(inner)) >> graph.add("end", Node{});
        Store shared;
        Text text;
        for (const NodeStats& stats : run(graph, shared, {.threads = threads}).nodes) {
            text += stats.name + " " + std::to_string(stats.counts.visits) + " "
                    + std::to_string(stats.counts.errors) + "\n";
        }
        return text;
    };
    const Text one = counts_with(1);
    expect_says(one, "first1 1 1", "last1 0 0", "last5 1 0", "join 0 0", "inner 1 1", "end 1 0");
    EXPECT_EQ(counts_with(2), one);
    EXPECT_EQ(counts_with(4), one);
}

}  // namespace
}  // namespace kaygraph
