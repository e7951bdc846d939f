// What the page on distribution promises; run on 2 to 4 ranks.
#include "support/ranks.hpp"

#include "support/memory_sink.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/kaygraph.hpp>
#include <kaygraph/parallel/agreement.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using namespace std::chrono_literals;
using test::all_texts;
using test::expect_says;
using test::ranks;
using test::sum_over_ranks;

/// Asserts that every rank says the same.
void expect_same_everywhere(const std::string& text) {
    for (const std::string& other : all_texts(text)) {
        EXPECT_EQ(other, text);
    }
}

/// The error of a run, which must be the same on all ranks; empty where there is none.
RankFailure agreed_failure(const Graph& graph, Store& shared, RunOptions options = {}) {
    std::string text = "nothing was thrown";
    try {
        graph.run(shared, ranks(), options);
    } catch (const std::exception& error) {
        text = text_with_place(error, ranks());
    }
    expect_same_everywhere(text);
    return *ranks().communicator()->last_failure();
}

// ---- where

TEST(Where, AtRootPrepAndExecRunOnceAndTheirResultsTravel) {
    struct Load : Node {
        std::atomic<unsigned>* n_calls;
        std::vector<int> prep(const Store&) const {
            ++*n_calls;
            return {1, 2, 3};
        }
        std::string exec(const std::vector<int>& numbers) const {
            ++*n_calls;
            return std::to_string(numbers.size());
        }
        void post(Store& shared, const std::vector<int>& numbers, std::string text) const {
            shared.set("numbers", numbers);
            shared.set("text", text);
        }
    };
    std::atomic<unsigned> n_calls{0};
    Graph graph{"g"};
    graph.add("load", Load{{}, &n_calls}, {.where = Where::root});
    Store shared;
    const RunReport report = graph.run(shared, ranks());
    EXPECT_EQ(sum_over_ranks(n_calls), 2U);
    EXPECT_EQ(shared.get<std::vector<int>>("numbers"), (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(shared.get<std::string>("text"), "3");
    EXPECT_EQ(report.find("load")->counts.executions, 1U);
}

TEST(Where, ABatchNodeAtRootGivesItsResultsToAll) {
    struct Items : BatchNode {
        Indices prep(const Store&) const { return Indices{10}; }
        std::string exec(std::size_t i) const { return std::string(i, 'x'); }
        void post(Store& shared, BatchResult<std::string> result) const {
            shared.set("values", std::move(result).take_values());
        }
    };
    Graph graph{"g"};
    graph.add("items", Items{}, {.where = Where::root});
    Store shared;
    graph.run(shared, ranks());
    const auto& values = shared.get<std::vector<std::string>>("values");
    ASSERT_EQ(values.size(), 10U);
    EXPECT_EQ(values[7], "xxxxxxx");
}

TEST(Where, AnErrorAtRootIsEverybodys) {
    struct Fails : Node {
        int exec() const { throw std::runtime_error("no file"); }
        void post(Store&, int) const { ADD_FAILURE() << "post after an error"; }
    };
    Graph graph{"g"};
    graph.add("fails", Fails{}, {.where = Where::root});
    Store shared;
    const RankFailure failure = agreed_failure(graph, shared);
    EXPECT_EQ(failure.message, "no file");
    EXPECT_EQ(failure.phase, "exec");
    EXPECT_EQ(failure.node, "fails");
    EXPECT_EQ(failure.rank, 0);
}

TEST(Where, ABranchWithANodeAtRootRunsInOrder) {
    Graph graph{"g"};
    const auto load = graph.add("load", Node{});
    const auto tells = [](const std::string& key) {
        return node(
            no_phase, [] { return 7; }, [key](Store& s, int n) { s.set(key, n); }
        );
    };
    load >> fork(graph.add("a", tells("a"), {.where = Where::root}), graph.add("b", tells("b")));
    Store shared;
    graph.run(shared, ranks());
    EXPECT_EQ(shared.get<int>("a") + shared.get<int>("b"), 14);
}

// ---- gather

struct Squares : ParallelBatchNode {
    std::size_t n = 1000;
    Indices prep(const Store&) const { return Indices{n}; }
    std::size_t exec(std::size_t i) const { return i * i; }
    void post(Store& shared, BatchResult<std::size_t> result) const {
        shared.set("result", std::move(result));
    }
};

TEST(Gather, AllRootOrNone) {
    for (const Gather gather : {Gather::all, Gather::root, Gather::none}) {
        Graph graph{"g"};
        graph.add("squares", Squares{}, {.block = 7, .gather = gather});
        Store shared;
        const RunReport report = graph.run(shared, ranks());
        const auto& result = shared.get<BatchResult<std::size_t>>("result");
        EXPECT_TRUE(result.all_values());
        EXPECT_EQ(report.find("squares")->counts.items, 1000U);
        result.for_each([](std::size_t item, std::size_t value) { EXPECT_EQ(value, item * item); });
        const bool has_all =
            gather == Gather::all || (gather == Gather::root && ranks().rank() == 0);
        if (has_all) {
            EXPECT_EQ(result.n_here(), 1000U);
            EXPECT_EQ(result[999], 999U * 999U);
        }
        if (gather == Gather::none) {
            EXPECT_EQ(sum_over_ranks(result.n_here()), 1000U);
            if (result.n_here() < 1000) {
                expect_says(
                    test::thrown<NodeError>([&] { (void)result.values(); }), "another rank"
                );
            }
        }
    }
}

TEST(Gather, RowsAreEqualOnAllRanks) {
    struct Rows : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{500}; }
        std::size_t row_length() const { return 3; }
        void exec_batch(std::span<const std::size_t> items, MatrixView<float> rows) const {
            for (std::size_t i = 0; i < items.size(); ++i) {
                for (std::size_t c = 0; c < 3; ++c) {
                    rows(i, c) = static_cast<float>(items[i] * 3 + c);
                }
            }
        }
        void post(Store& shared, BatchRows<float> rows) const {
            bool is_right = true;
            for (std::size_t i = 0; i < 500; ++i) {
                for (std::size_t c = 0; c < 3; ++c) {
                    is_right = is_right && rows.row(i)[c] == static_cast<float>(i * 3 + c);
                }
            }
            shared.set("is_right", is_right);
        }
    };
    Graph graph{"g"};
    graph.add("rows", Rows{}, {.block = 16});
    Store shared;
    graph.run(shared, ranks());
    EXPECT_TRUE(shared.get<bool>("is_right"));
}

// ---- what must be equal

TEST(Disagreement, OfGraphsNamesTheFirstDifference) {
    Graph graph{"g"};
    graph.add("first", Node{}) >> graph.add(ranks().rank() == 1 ? "other" : "second", Node{});
    Store shared;
    const RankFailure failure = agreed_failure(graph, shared);
    EXPECT_EQ(failure.code, ErrorCode::disagreement);
    expect_says(failure.message, "'second'", "'other'", "rank 0", "rank 1");
}

TEST(Disagreement, OfParamsNamesTheFirstDifference) {
    Graph graph{"g", {.params = {{"k", 10 + (ranks().rank() == ranks().size() - 1 ? 1 : 0)}}}};
    graph.add("first", Node{});
    Store shared;
    expect_says(agreed_failure(graph, shared).message, "param 'k' = 10", "param 'k' = 11");
}

TEST(Disagreement, OfSourcesNamesTheNumbers) {
    Graph graph{"g"};
    graph.add("squares", Squares{{}, 100 + static_cast<std::size_t>(ranks().rank())});
    Store shared;
    const RankFailure failure = agreed_failure(graph, shared);
    EXPECT_EQ(failure.code, ErrorCode::disagreement);
    expect_says(failure.message, "'squares'", "100 on rank 0", "101 on rank 1");
}

TEST(Disagreement, OfActionsNamesBoth) {
    Graph graph{"g"};
    const auto split = graph.add("split", node(no_phase, no_phase, [](Store&) {
                                     return ranks().rank() == 1 ? "right" : "left";
                                 }));
    split.on("left") >> graph.add("l", Node{});
    split.on("right") >> graph.add("r", Node{});
    Store shared;
    const RankFailure failure = agreed_failure(graph, shared);
    EXPECT_EQ(failure.code, ErrorCode::disagreement);
    expect_says(failure.message, "'split'", "'left' on rank 0", "'right' on rank 1");
}

#ifdef KAYGRAPH_CHECK_HOT
TEST(Disagreement, OfStoresNamesTheKeyWhereEverythingIsChecked) {
    Graph graph{"g"};
    graph.add("writes", node(no_phase, no_phase, [](Store& shared) {
                  shared.set("same", 1);
                  shared.set("other", ranks().rank() == 1 ? 2 : 1);
              }));
    Store shared;
    const RankFailure failure = agreed_failure(graph, shared);
    EXPECT_EQ(failure.code, ErrorCode::disagreement);
    expect_says(failure.message, "'writes'", "key 'other'", "rank 1");
}
#endif

TEST(Disagreement, OfOnErrorIsAnError) {
    struct Fails : Node {
        void exec() const { throw std::runtime_error("x"); }
        bool on_error(Store&, const std::exception&) const { return ranks().rank() == 1; }
    };
    Graph graph{"g"};
    graph.add("fails", Fails{});
    Store shared;
    const RankFailure failure = agreed_failure(graph, shared);
    EXPECT_EQ(failure.code, ErrorCode::disagreement);
    expect_says(failure.message, "on_error of 'fails'");
}

TEST(Disagreement, OptionsOfOneRankAloneAreRefusedEverywhere) {
    Graph graph{"g"};
    graph.add("first", Node{});
    Store shared;
    RunOptions options;
    if (ranks().rank() == 1) {
        options.threads = 0;
    }
    const RankFailure failure = agreed_failure(graph, shared, options);
    expect_says(failure.message, "RunOptions.threads is 0");
    EXPECT_EQ(failure.rank, 1);
}

// ---- errors

TEST(Errors, TheFailingRankThrowsItsOwnAndTheOthersKnowItsType) {
    Graph graph{"g"};
    graph.add(
        "fails",
        node(
            no_phase,
            [] {
                if (ranks().rank() == 1) {
                    throw std::domain_error("mine");
                }
            },
            no_phase
        )
    );
    Store shared;
    RunReport report;
    try {
        graph.run(shared, ranks(), {.report = &report});
        FAIL() << "nothing was thrown";
    } catch (const std::domain_error& error) {
        EXPECT_EQ(ranks().rank(), 1);
        EXPECT_STREQ(error.what(), "mine");
    } catch (const DistributedError& error) {
        EXPECT_NE(ranks().rank(), 1);
        EXPECT_EQ(error.rank(), 1);
        EXPECT_EQ(error.failure().type, "std::domain_error");
        EXPECT_TRUE(is<std::domain_error>(error));
        EXPECT_TRUE(is<std::logic_error>(error));  // its base
        EXPECT_FALSE(is<std::runtime_error>(error));
    }
    ASSERT_TRUE(report.failed);
    EXPECT_EQ(report.failed->rank, 1);
    EXPECT_TRUE(is<std::domain_error>(report.failed->failure));
}

TEST(Errors, ARankWithAnotherErrorNestsIt) {
    const bool is_last = ranks().rank() == ranks().size() - 1;
    Graph graph{"g"};
    graph.add(
        "fails",
        node(
            [](const Store&) {
                if (ranks().rank() == ranks().size() - 1) {
                    throw std::domain_error("in prep");
                }
            },
            [] { throw std::range_error("in exec"); },
            no_phase
        )
    );
    try {
        Store shared;
        graph.run(shared, ranks());
        FAIL() << "nothing was thrown";
    } catch (const std::domain_error&) {
        EXPECT_TRUE(is_last);
    } catch (const DistributedError& error) {
        EXPECT_FALSE(is_last);
        EXPECT_TRUE(is<std::domain_error>(error));
        EXPECT_THROW(std::rethrow_if_nested(error), std::range_error);
    }
}

TEST(Errors, TheEarliestPhaseThenTheLowestItemCounts) {
    Graph graph{"g"};
    graph.add(
        "fails",
        node(
            [](const Store&) {
                if (ranks().rank() == ranks().size() - 1) {
                    throw std::runtime_error("in prep");
                }
            },
            [] { throw std::runtime_error("in exec"); },
            no_phase
        )
    );
    Store shared;
    const RankFailure failure = agreed_failure(graph, shared);
    EXPECT_EQ(failure.message, "in prep");
    EXPECT_EQ(failure.rank, ranks().size() - 1);
}

TEST(Errors, RankZeroHasTheTextsOfOthers) {
    Graph graph{"g"};
    graph.add(
        "fails",
        node(
            no_phase,
            [] { throw std::runtime_error("of rank " + std::to_string(ranks().rank())); },
            no_phase
        )
    );
    Store shared;
    RunReport report;
    try {
        graph.run(shared, ranks(), {.report = &report});
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {  // all failed alike: each has its own
        EXPECT_EQ(error.what(), "of rank " + std::to_string(ranks().rank()));
    }
    ASSERT_TRUE(report.failed);
    EXPECT_EQ(report.failed->failure.message, "of rank 0");
    const std::size_t expected =
        ranks().rank() == 0 ? static_cast<std::size_t>(ranks().size() - 1) : 0;
    ASSERT_EQ(report.failed->others.size(), expected);
    for (const RankFailure& other : report.failed->others) {
        EXPECT_EQ(other.message, "of rank " + std::to_string(other.rank));
    }
}

TEST(Errors, AStopOfOneRankStopsAll) {
    struct Slow : ParallelBatchNode {
        const StopSource* source;
        Indices prep(const Store&) const { return Indices{1'000'000}; }
        void exec(std::size_t item) const {
            if (item == 5) {
                source->request_stop();
            }
            std::this_thread::sleep_for(100us);
        }
    };
    const StopSource source;  // each rank has its own; that of the rank with item 5 is pressed
    Graph graph{"g"};
    graph.add("slow", Slow{{}, &source}, {.block = 1});
    Store shared;
    EXPECT_THROW(graph.run(shared, ranks(), {.stop = source.token()}), Stopped);
}

// ---- walks over parameter sets

TEST(ParallelWalks, LeaveTheSameStoreOnAllRanks) {
    BatchGraph graph{
        "sets",
        {.parameter_sets =
             [](const Store&) {
                 std::vector<Params> sets;
                 for (int i = 0; i < 23; ++i) {
                     sets.push_back({{"i", i}});
                 }
                 return sets;
             },
         .parallel = ParallelWalks{},
         .reducers = {reducer<std::vector<int>>(
             "list",
             [](std::vector<int> a, std::vector<int> b) {
                 a.insert(a.end(), b.begin(), b.end());
                 return a;
             }
         )},
         .post =
             [](Store& shared, const std::vector<Params>&, const std::vector<Action>& actions) {
                 shared.set("n_even", std::count(actions.begin(), actions.end(), Action{"even"}));
                 return Action{};
             }}};
    graph.add(
        "walk",
        node(
            [](const Store&, const Context& context) { return context.params().get<int>("i"); },
            [](int i) { return i * i; },
            [](Store& shared, int square, const Context& context) {
                const int i = context.params().get<int>("i");
                shared.set("list", std::vector<int>{square});
                shared.set("square " + std::to_string(i), square);
                return Action{i % 2 == 0 ? "even" : "odd"};
            }
        )
    );
    Store shared;
    const RunReport report = graph.run(shared, ranks());
    std::vector<int> expected;
    for (int i = 0; i < 23; ++i) {
        expected.push_back(i * i);
        EXPECT_EQ(shared.get<int>("square " + std::to_string(i)), i * i);
    }
    EXPECT_EQ(shared.get<std::vector<int>>("list"), expected);
    EXPECT_EQ(shared.get<std::ptrdiff_t>("n_even"), 12);
    EXPECT_EQ(report.find("walk")->counts.visits, 23U);
}

TEST(ParallelWalks, AWriteThatCannotTravelIsAnErrorThatNamesIt) {
    BatchGraph graph{
        "sets",
        {.parameter_sets = [](const Store&) { return std::vector<Params>(8); },
         .parallel = ParallelWalks{},
         .reducers = {reducer<const char*>("key", [](const char* a, const char*) { return a; })}}};
    graph.add("walk", node(no_phase, no_phase, [](Store& shared) {
                  shared.set<const char*>("key", static_cast<const char*>("x"));
              }));
    Store shared;
    std::string text;
    try {
        graph.run(shared, ranks());
    } catch (const std::exception& error) {
        text = error.what();
    }
    expect_says(text, "key 'key'", "const char", "cannot travel");
    expect_same_everywhere(text);
}

// ---- the report

TEST(Report, HasARowForEachRankOnRankZero) {
    Graph graph{"g"};
    graph.add("squares", Squares{{}, 10'000}, {.block = 8});
    graph.record(Metrics::on);
    Store shared;
    const RunReport report = graph.run(shared, ranks());
    EXPECT_EQ(report.ranks, ranks().size());
    EXPECT_EQ(report.nodes[0].counts.items, 10'000U);
    EXPECT_EQ(report.nodes[0].times.block.count(), 1250U);
    if (ranks().rank() != 0) {
        EXPECT_TRUE(report.by_rank.empty());
        return;
    }
    ASSERT_EQ(report.by_rank.size(), static_cast<std::size_t>(ranks().size()));
    std::uint64_t n_items = 0;
    for (const RankFigures& row : report.by_rank) {
        n_items += row.items;
        EXPECT_FALSE(row.host.empty());
    }
    EXPECT_EQ(n_items, 10'000U);
    if (ranks().size() > 1) {
        expect_says(to_text(report), "imbalance", "steals", "rank");
    }
}

TEST(Report, AContextKnowsItsRank) {
    Graph graph{"g"};
    graph.add(
        "asks",
        node(
            no_phase,
            [](const Context& context) {
                EXPECT_EQ(context.rank(), ranks().rank());
                EXPECT_EQ(context.n_ranks(), ranks().size());
            },
            no_phase
        )
    );
    Store shared;
    graph.run(shared, ranks());
}

}  // namespace
}  // namespace kaygraph
