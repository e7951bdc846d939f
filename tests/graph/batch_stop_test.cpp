// Batches that end early: fail, error budget, stop_when, a stop request, a deadline.
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using namespace std::chrono_literals;
using test::expect_nested;
using test::expect_says;
using test::run;
using test::sum_over_ranks;
using test::thrown;

/// Items that fail where a predicate says so.
struct Items : ParallelBatchNode {
    std::size_t n = 10'000;
    bool (*fails)(std::size_t) = nullptr;
    std::atomic<std::size_t>* n_started = nullptr;
    Indices prep(const Store&) const { return Indices{n}; }
    std::size_t exec(std::size_t item) const {
        if (n_started != nullptr) {
            ++*n_started;
        }
        return fails != nullptr && fails(item)
                   ? throw std::out_of_range("item " + std::to_string(item))
                   : item;
    }
    void post(Store& shared, BatchResult<std::size_t> result) const {
        shared.set("result", std::move(result));
    }
};

RunReport run(
    Store& shared,
    Items items,
    ParallelBatchOptions options,
    RunOptions run_options = {}
) {
    Graph graph{"g"};
    graph.add("items", items, std::move(options));
    return run(graph, shared, run_options);
}

// + Batches that stop early (fail, budget, stop_when) report a failing index; the workers have all stopped
//   before it is thrown, and no item starts after the stop.

TEST(Fail, StopsTheBatchAndReportsAFailingIndex) {
    for (const std::size_t threads : {1U, 2U, 4U}) {
        std::atomic<std::size_t> n_started{0};
        Store shared;
        RunReport report;
        const std::string message = thrown<std::out_of_range>([&] {
            run(shared,
                {{}, 1'000'000, [](std::size_t i) { return i % 1000 == 999; }, &n_started},
                {.threads = threads, .block = 1},
                {.report = &report});
        });
        const std::int64_t item = report.failed->failure.item;
        EXPECT_EQ(item % 1000, 999);
        EXPECT_EQ(message, "item " + std::to_string(item));
        EXPECT_EQ(report.nodes[0].counts.items, sum_over_ranks(n_started));
        EXPECT_LT(n_started, 1'000'000U);
        const std::size_t after = n_started;
        std::this_thread::sleep_for(1ms);
        EXPECT_EQ(n_started, after);  // no item starts after the stop
        EXPECT_FALSE(shared.contains("result"));
    }
}

TEST(Fail, TheLowestOfTheFailingIndicesThatWereSeenIsReported) {
    Store shared;
    RunReport report;
    EXPECT_THROW(
        run(shared,
            {{},
             100,
             [](std::size_t i) {
                 return i >= 7;
             }},
            {.threads = 1},
            {.report = &report}),
        std::out_of_range
    );
    // on several ranks another one may have failed, and stopped this one, before item 7 ran
    EXPECT_GE(report.failed->failure.item, 7);
    EXPECT_TRUE(report.failed->failure.item == 7 || test::n_ranks() > 1);
}

TEST(ErrorBudget, EndsTheBatchWhereMoreFailThanItAllows) {
    const auto every_tenth = [](std::size_t i) {
        return i % 10 == 5;
    };
    for (const std::size_t threads : {1U, 4U}) {
        Store shared;
        RunReport report;
        try {
            run(shared,
                {{}, 10'000, every_tenth},
                {.threads = threads,
                 .on_item_error = ItemErrors::skip,
                 .max_errors = {.count = 20}},
                {.report = &report});
            FAIL() << "nothing was thrown";
        } catch (const NodeError& error) {
            EXPECT_EQ(error.code(), ErrorCode::error_budget);
            expect_says(error.what(), "max_errors allows 20", "the first is item", "node 'items'");
            expect_nested<std::out_of_range>(error);
        }
        EXPECT_EQ(report.failed->failure.item % 10, 5);
        EXPECT_LT(report.nodes[0].counts.items, 10'000U);
    }
}

TEST(ErrorBudget, AllowsAsManyAsItSays) {
    const auto every_tenth = [](std::size_t i) {
        return i % 10 == 5;
    };
    const auto with = [&](const ErrorBudget& budget) {
        Store shared;
        return run(
            shared,
            {{}, 1000, every_tenth},
            {.threads = 2, .on_item_error = ItemErrors::skip, .max_errors = budget}
        );
    };
    EXPECT_NO_THROW(with({.count = 100}));
    EXPECT_THROW(with({.count = 99}), NodeError);
    EXPECT_NO_THROW(with({.share = 0.1}));
    EXPECT_THROW(with({.share = 0.0999}), NodeError);
    EXPECT_THROW(with({.count = 1000, .share = 0.05}), NodeError);  // the stricter one counts
    EXPECT_THROW(with({.count = 0}), NodeError);
}

// + on_budget: stop ends the batch, and post gets a value, an error or nothing for each index.

TEST(Budget, ThatStopsKeepsWhatThereIs) {
    Store shared;
    const RunReport report =
        run(shared,
            Items{
                {},
                100'000,
                [](std::size_t item) {
                    return item % 5 == 2;
                }},
            {.threads = 2,
             .on_item_error = ItemErrors::skip,
             .max_errors = {.count = 20},
             .on_budget = OnBudget::stop});
    EXPECT_FALSE(report.failed);
    const auto& result = shared.get<BatchResult<std::size_t>>("result");
    EXPECT_TRUE(result.is_over_budget());
    EXPECT_GT(result.n_failed(), 20U);
    EXPECT_GT(result.n_values(), 20U);
    EXPECT_GT(result.n_not_run(), 50'000U);
    EXPECT_EQ(result.n_values() + result.n_failed() + result.n_not_run(), 100'000U);
    for (const Failure& failure : result.failures()) {
        EXPECT_EQ(failure.item % 5, 2);
    }
    result.for_each([](std::size_t item, std::size_t value) { EXPECT_EQ(value, item); });
}

TEST(Budget, ThatStopsIsNotMetByABatchWithinIt) {
    Store shared;
    run(shared,
        Items{
            {},
            1000,
            [](std::size_t item) {
                return item % 100 == 2;
            }},
        {.on_item_error = ItemErrors::skip,
         .max_errors = {.count = 10},
         .on_budget = OnBudget::stop});
    const auto& result = shared.get<BatchResult<std::size_t>>("result");
    EXPECT_FALSE(result.is_over_budget());
    EXPECT_EQ(result.n_failed(), 10U);
    EXPECT_EQ(result.n_not_run(), 0U);
}

TEST(Budget, ThatStopsStillFailsWhereEveryItemFailed) {
    Store shared;
    expect_says(
        thrown<NodeError>([&] {
            run(shared,
                Items{
                    {},
                    3,
                    [](std::size_t) {
                        return true;
                    }},
                {.block = 3,
                 .on_item_error = ItemErrors::skip,
                 .max_errors = {.count = 2},
                 .on_budget = OnBudget::stop});
        }),
        "all 3 items failed"
    );
}

TEST(Budget, ThatStopsNeedsABudget) {
    Graph graph{"g"};
    expect_says(
        thrown<ArgumentError>([&] {
            graph.add(
                "items", Items{}, {.on_item_error = ItemErrors::skip, .on_budget = OnBudget::stop}
            );
        }),
        "on_budget is stop, but there is no budget"
    );
}

TEST(StopWhen, EndsTheBatchWithTheResultThatMetIt) {
    for (const std::size_t threads : {1U, 3U}) {
        std::atomic<std::size_t> n_started{0};
        Store shared;
        const RunReport report =
            run(shared,
                {{}, 1'000'000, nullptr, &n_started},
                {.threads = threads, .block = 8, .stop_when = [](const std::size_t& value) {
                     return value % 777 == 776;
                 }});
        EXPECT_FALSE(report.failed);
        const auto& result = shared.get<BatchResult<std::size_t>>("result");
        ASSERT_TRUE(result.stop_item());
        EXPECT_EQ(*result.stop_item() % 777, 776U);
        EXPECT_EQ(result[*result.stop_item()], *result.stop_item());
        EXPECT_EQ(result.n_values(), sum_over_ranks(n_started));
        EXPECT_GT(result.n_not_run(), 0U);
        EXPECT_EQ(result.status(999'999), ItemStatus::not_run);
        expect_says(thrown<NodeError>([&] { (void)result[999'999]; }), "did not run");
        EXPECT_THROW((void)result.values(), NodeError);
    }
}

TEST(StopWhen, IsNotMetByAnythingElse) {
    Store shared;
    run(shared, {{}, 100}, {.threads = 2, .stop_when = [](const std::size_t&) {
                                return false;
                            }});
    EXPECT_FALSE(shared.get<BatchResult<std::size_t>>("result").stop_item());
    EXPECT_TRUE(shared.get<BatchResult<std::size_t>>("result").all_values());
}

TEST(StopWhen, LooksAtBulkResultsRowsAndFallbacks) {
    struct Bulk : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        void exec_batch(std::span<const std::size_t> items, std::span<int> results) const {
            for (std::size_t i = 0; i < items.size(); ++i) {
                results[i] = static_cast<int>(items[i]);
            }
        }
        void post(Store& shared, BatchResult<int> result) const {
            shared.set("at", *result.stop_item());
        }
    };
    struct Rows : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        std::size_t row_length() const { return 2; }
        void exec_batch(std::span<const std::size_t> items, MatrixView<float> rows) const {
            for (std::size_t i = 0; i < items.size(); ++i) {
                rows(i, 0) = 0;
                rows(i, 1) = static_cast<float>(items[i]);
            }
        }
        void post(Store& shared, BatchRows<float> rows) const {
            shared.set("at", *rows.stop_item());
            const bool has_run = rows.status(99) == ItemStatus::value;  // if not: zero
            EXPECT_EQ(rows.row(99)[1], has_run ? 99.0F : 0.0F);
        }
    };
    struct FallsBack : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        int exec(std::size_t) const { throw std::runtime_error("x"); }
        int exec_fallback(std::size_t item, const std::exception&) const {
            return static_cast<int>(item);
        }
        void post(Store& shared, BatchResult<int> result) const {
            shared.set("at", *result.stop_item());
        }
    };
    const auto run_node = [](auto node, StopWhen stop_when) {
        Graph graph{"g"};
        graph.add("node", node, {.threads = 1, .block = 10, .stop_when = std::move(stop_when)});
        Store shared;
        run(graph, shared);
        return shared.get<std::size_t>("at");
    };
    EXPECT_EQ(run_node(Bulk{}, [](int value) { return value == 42; }), 42U);
    EXPECT_EQ(run_node(Rows{}, [](std::span<const float> row) { return row[1] == 42; }), 42U);
    EXPECT_EQ(run_node(FallsBack{}, [](const int& value) { return value == 42; }), 42U);
}

TEST(StopRequest, EndsABatchAndThrowsStopped) {
    for (const std::size_t threads : {1U, 4U}) {
        const StopSource source;
        struct Endless : ParallelBatchNode {
            const StopSource* source;
            Indices prep(const Store&) const { return Indices{100'000'000}; }
            void exec(std::size_t item) const {
                if (item == 1000) {
                    source->request_stop();
                }
            }
        };
        Graph graph{"g"};
        graph.add("endless", Endless{{}, &source}, {.threads = threads});
        Store shared;
        RunReport report;
        expect_says(
            thrown<Stopped>([&] { run(graph, shared, {.stop = source.token(), .report = &report}); }
            ),
            "node 'endless'"
        );
        EXPECT_LT(report.nodes[0].counts.items, 100'000'000U);
    }
}

TEST(StopRequest, ItemsThatWaitForAnotherAttemptDoNotKeepTheBatch) {
    const StopSource source;
    struct Waits : ParallelBatchNode {
        const StopSource* source;
        Indices prep(const Store&) const { return Indices{10}; }
        void exec(std::size_t item) const {
            if (item == 9) {
                source->request_stop();
            }
            throw std::runtime_error("again in an hour");
        }
    };
    Graph graph{"g"};
    graph.add(
        "waits", Waits{{}, &source}, {.threads = 2, .retry = {.max_attempts = 2, .wait = 1h}}
    );
    Store shared;
    EXPECT_THROW(run(graph, shared, {.stop = source.token()}), Stopped);
}

TEST(Deadline, EndsABatch) {
    struct Slow : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{1'000'000}; }
        void exec(std::size_t) const { std::this_thread::sleep_for(100us); }
    };
    Graph graph{"g"};
    graph.add("slow", Slow{}, {.threads = 2});
    Store shared;
    RunReport report;
    try {
        run(graph, shared, {.deadline = 30ms, .report = &report});
        FAIL() << "nothing was thrown";
    } catch (const GraphError& error) {
        EXPECT_EQ(error.code(), ErrorCode::deadline);
    }
    EXPECT_EQ(report.failed->node, "slow");
}

/// A result that owns memory: the leak checker sees one that is forgotten.
struct Owners : ParallelBatchNode {
    bool fails_in_state = false;
    Indices prep(const Store&) const { return Indices{1000}; }
    int thread_state(const Context& context) const {
        return fails_in_state && context.thread() == 0 ? throw std::domain_error("no scratch") : 0;
    }
    std::vector<std::size_t> exec(std::size_t item, int&) const { return {item, item}; }
};

TEST(EngineError, OfAThreadStateEndsTheBatch) {
    for (const std::size_t threads : {1U, 4U}) {
        Graph graph{"g"};
        graph.add("owners", Owners{{}, true}, {.threads = threads, .block = 3});
        Store shared;
        EXPECT_EQ(thrown<std::domain_error>([&] { run(graph, shared); }), "no scratch");
    }
}

TEST(EngineError, OfAProgressCallbackEndsTheBatch) {
    Graph graph{"g"};
    graph.add(
        "owners",
        Owners{},
        {.threads = 2,
         .block = 3,
         .progress =
             [](const Progress& progress) {
                 if (progress.done > 0) {
                     throw std::domain_error("no terminal");
                 }
             }}
    );
    Store shared;
    EXPECT_EQ(thrown<std::domain_error>([&] { run(graph, shared); }), "no terminal");
}

TEST(Progress, IsToldByTheThreadThatEnteredTheRun) {
    std::vector<Progress> told;
    const auto caller = std::this_thread::get_id();
    Store shared;
    run(shared,
        {{},
         1000,
         [](std::size_t i) {
             return i == 3;
         }},
        {.threads = 2,
         .on_item_error = ItemErrors::skip,
         .progress = [&](const Progress& progress) {
             EXPECT_EQ(std::this_thread::get_id(), caller);
             told.push_back(progress);
         }});
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().done, 1000U);
    EXPECT_EQ(told.back().failed, 1U);
    EXPECT_EQ(told.back().total, 1000U);
    for (std::size_t i = 1; i < told.size(); ++i) {
        EXPECT_GE(told[i].done, told[i - 1].done);
    }
}

TEST(Deadline, IsLookedAtBeforeEachItem) {
    struct Slow : BatchNode {
        std::atomic<int>* n_run;
        Indices prep(const Store&) const { return Indices{100}; }
        void exec(std::size_t) const {
            ++*n_run;
            std::this_thread::sleep_for(20ms);
        }
    };
    std::atomic<int> n_run{0};
    Graph graph{"g"};
    graph.add("slow", Slow{{}, &n_run});
    Store shared;
    EXPECT_THROW(run(graph, shared, {.deadline = 1ms}), GraphError);
    EXPECT_LT(n_run, 100);
}

TEST(Deadline, AWalkThatEndsBehindItHasFailed) {
    Graph graph{"g"};
    graph.add(
        "slow",
        node(
            no_phase, [] { std::this_thread::sleep_for(5ms); }, no_phase
        )
    );
    Store shared;
    RunReport report;
    EXPECT_THROW(run(graph, shared, {.deadline = 1ms, .report = &report}), GraphError);
    EXPECT_EQ(report.failed->node, "slow");
}

TEST(StopWhen, ItemsThatWaitDoNotCountAgainstTheBudget) {
    struct Search : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{7}; }
        bool exec(std::size_t item) const {
            return item == 6 ? true : throw std::runtime_error("not yet");
        }
    };
    Graph graph{"g"};
    graph.add(
        "search",
        Search{},
        {.threads = 1,
         .block = 1,
         .retry = {.max_attempts = 2, .wait = 1h},
         .on_item_error = ItemErrors::skip,
         .max_errors = {.count = 5},
         .stop_when =
             [](const bool& found) {
                 return found;
             }}
    );
    Store shared;
    run(graph, shared);
}

TEST(StopWhen, APredicateThatThrowsLeavesNoResult) {
    struct Make : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{4}; }
        std::vector<std::size_t> exec(std::size_t item) const { return {item}; }
        void post(Store& shared, const BatchResult<std::vector<std::size_t>>& result) const {
            shared.set("n", result.n_values());
        }
    };
    Graph graph{"g"};
    graph.add(
        "make",
        Make{},
        {.retry = {.max_attempts = 2},
         .on_item_error = ItemErrors::skip,
         .stop_when =
             [](const std::vector<std::size_t>& made) {
                 return made.front() == 2 ? throw std::runtime_error("no verdict") : false;
             }}
    );
    Store shared;
    run(graph, shared);  // the leak checker sees a result that is forgotten
    EXPECT_EQ(shared.get<std::size_t>("n"), 3U);
}

TEST(ErrorBudget, AShareIsNotCutByRounding) {
    struct Fails : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        int exec(std::size_t item) const { return item < 29 ? throw std::runtime_error("x") : 1; }
    };
    Graph graph{"g"};
    graph.add("fails", Fails{}, {.on_item_error = ItemErrors::skip, .max_errors = {.share = 0.29}});
    Store shared;
    run(graph, shared);
}

TEST(ErrorBudget, AnErrorBehindTheBatchBlamesNoItem) {
    struct Fails : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{10}; }
        int exec(std::size_t item) const { return item == 3 ? throw std::runtime_error("x") : 1; }
        void post(Store&) const { throw std::domain_error("post"); }
    };
    Graph graph{"g"};
    graph.add("fails", Fails{}, {.on_item_error = ItemErrors::skip});
    Store shared;
    RunReport report;
    EXPECT_THROW(run(graph, shared, {.report = &report}), std::domain_error);
    EXPECT_EQ(report.failed->phase, "post");
    EXPECT_EQ(report.failed->failure.item, -1);
    EXPECT_EQ(report.failed->failure.attempts, 0);
}

TEST(Retry, AnyNumberOfItemsMayWait) {
    struct WaitsOnce : ParallelBatchNode {
        std::atomic<int>* n_first;
        Indices prep(const Store&) const { return Indices{200}; }
        void exec(std::size_t, const Context& context) const {
            if (context.attempt() == 1) {
                throw ++*n_first;
            }
            if (test::n_ranks() == 1) {
                EXPECT_EQ(*n_first, 200);  // none came back before all had their first attempt
            }
        }
    };
    std::atomic<int> n_first{0};
    Graph graph{"g"};
    graph.add(
        "flaky",
        WaitsOnce{{}, &n_first},
        {.threads = 1, .block = 1, .retry = {.max_attempts = 2, .wait = 2s}}
    );
    Store shared;
    run(graph, shared);
}

}  // namespace
}  // namespace kaygraph
