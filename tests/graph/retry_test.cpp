// Semantics, section "Retry, fallback, errors".
#include "graph/policy.hpp"

#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using namespace std::chrono_literals;
using test::expect_says;
using test::run;
using test::sum_over_ranks;
using test::thrown;

/// The exception of a user, which the library does not know.
struct Flaky : std::runtime_error {
    using std::runtime_error::runtime_error;
};
[[maybe_unused]] const bool is_known = (test::know_exception<Flaky>(), true);

/// Fails a number of times, then returns the attempt that succeeded.
struct FailsFirst : Node {
    int n_failures;
    int* n_calls;
    int exec(const Context& context) const {
        if (++*n_calls <= n_failures) {
            throw Flaky("failure " + std::to_string(*n_calls));
        }
        return context.attempt();
    }
    void post(Store& shared, int attempt) const { shared.set("attempt", attempt); }
};

RunReport run_one(
    auto node,
    const NodeOptions& options,
    Store& shared,
    RunOptions run_options = {}
) {
    Graph graph{"g"};
    graph.add("node", std::move(node), options);
    return run(graph, shared, run_options);
}

// = retry.max_attempts counts attempts (default 1)

TEST(Retry, MaxAttemptsCountsAttempts) {
    for (const int n_failures : {0, 1, 2}) {
        int n_calls = 0;
        Store shared;
        const RunReport report =
            run_one(FailsFirst{{}, n_failures, &n_calls}, {.retry = {.max_attempts = 3}}, shared);
        EXPECT_EQ(n_calls, n_failures + 1);
        EXPECT_EQ(shared.get<int>("attempt"), n_failures + 1);
        EXPECT_EQ(report.nodes[0].counts.retries, static_cast<std::uint64_t>(n_failures));
    }
}

TEST(Retry, ThereIsOneAttemptByDefault) {
    int n_calls = 0;
    Store shared;
    EXPECT_THROW(run_one(FailsFirst{{}, 1, &n_calls}, {}, shared), Flaky);
    EXPECT_EQ(n_calls, 1);
}

// = wait sleeps between attempts only

TEST(Retry, WaitsBetweenAttemptsOnly) {
    int n_calls = 0;
    Store shared;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THROW(
        run_one(FailsFirst{{}, 9, &n_calls}, {.retry = {.max_attempts = 3, .wait = 30ms}}, shared),
        Flaky
    );
    const auto elapsed = std::chrono::steady_clock::now() - start;
    EXPECT_GE(elapsed, 60ms);  // two waits, none after the last attempt
    EXPECT_EQ(n_calls, 3);
}

// = prep is not repeated

TEST(Retry, PrepIsNotRepeated) {
    int n_preps = 0;
    int n_calls = 0;
    Store shared;
    run_one(
        node(
            [&](const Store&) { return ++n_preps; },
            [&](int) { return ++n_calls < 3 ? throw Flaky("x") : 0; },
            no_phase
        ),
        {.retry = {.max_attempts = 3}},
        shared
    );
    EXPECT_EQ(n_preps, 1);
    EXPECT_EQ(n_calls, 3);
}

// = exec_fallback(input, error) runs once after the last failure, sees the attempt number, and its result
//   becomes the exec result

struct WithFallback : Node {
    int* n_fallbacks;
    int prep(const Store&) const { return 5; }
    std::string exec(int) const { throw Flaky("no luck"); }
    std::string exec_fallback(int input, const std::exception& error, const Context& context)
        const {
        ++*n_fallbacks;
        return std::to_string(input) + " " + error.what() + " " + std::to_string(context.attempt());
    }
    void post(Store& shared, std::string result) const { shared.set("result", result); }
};

TEST(Retry, TheFallbackStandsInAfterTheLastFailure) {
    int n_fallbacks = 0;
    Store shared;
    const RunReport report =
        run_one(WithFallback{{}, &n_fallbacks}, {.retry = {.max_attempts = 3}}, shared);
    EXPECT_EQ(n_fallbacks, 1);
    EXPECT_EQ(shared.get<std::string>("result"), "5 no luck 3");
    EXPECT_EQ(report.nodes[0].counts.fallbacks, 1U);
    EXPECT_EQ(report.nodes[0].counts.failures, 0U);
}

TEST(Retry, AFallbackMayThrowOnWhatItGot) {
    struct Rethrows : Node {
        void exec() const { throw Flaky("original"); }
        void exec_fallback(const std::exception&) const { throw; }
    };
    Store shared;
    EXPECT_EQ(thrown<Flaky>([&] { run_one(Rethrows{}, {}, shared); }), "original");
}

// = without one the original exception type reaches the caller: out of retry, threads and nested graphs

TEST(Retry, TheOriginalExceptionTypeComesOutOfNestedGraphs) {
    int n_calls = 0;
    Graph inner{"inner"};
    inner.add("fails", FailsFirst{{}, 99, &n_calls}, {.retry = {.max_attempts = 2}});
    Graph middle{"middle"};
    middle.add("inner", std::move(inner));
    Graph outer{"outer"};
    outer.add("middle", std::move(middle));
    Store shared;
    RunReport report;
    EXPECT_EQ(thrown<Flaky>([&] { run(outer, shared, {.report = &report}); }), "failure 2");
    ASSERT_TRUE(report.failed);
    EXPECT_EQ(report.failed->node, "middle/inner/fails");
    EXPECT_EQ(report.failed->phase, "exec");
    EXPECT_EQ(report.failed->failure.attempts, 2);
    EXPECT_EQ(report.failed->failure.message, "failure 2");
}

TEST(Retry, TheOriginalExceptionTypeComesOutOfThreads) {
    struct Fails : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        void exec(std::size_t i) const {
            if (i == 57) {
                throw Flaky("item 57");
            }
        }
    };
    Graph graph{"g"};
    graph.add("fails", Fails{}, {.threads = 4, .block = 1});
    Store shared;
    RunReport report;
    EXPECT_EQ(thrown<Flaky>([&] { run(graph, shared, {.report = &report}); }), "item 57");
    EXPECT_EQ(report.failed->failure.item, 57);
}

TEST(Retry, WhatIsNoStdExceptionComesOutToo) {
    int fallback_saw_unknown = 0;
    struct Throws : Node {
        void exec() const { throw 42; }
    };
    struct FallsBack : Node {
        int* saw;
        void exec() const { throw 42; }
        void exec_fallback(const std::exception& error) const {
            *saw = dynamic_cast<const Error&>(error).code() == ErrorCode::unknown ? 1 : 0;
        }
    };
    Store shared;
    EXPECT_THROW(run_one(Throws{}, {}, shared), int);
    run_one(FallsBack{{}, &fallback_saw_unknown}, {}, shared);
    EXPECT_EQ(fallback_saw_unknown, 1);
}

// = max_attempts < 1 is refused

TEST(Retry, OptionsOutsideTheirRangeAreRefusedWithWhatToWrite) {
    const auto refused = [](const Retry& retry) {
        Graph graph{"g"};
        return thrown<ArgumentError>([&] { graph.add("n", Node{}, {.retry = retry}); });
    };
    expect_says(refused({.max_attempts = 0}), "node 'n'", "max_attempts is 0", "write 1");
    expect_says(refused({.wait = -1ms}), "negative", "write 0");
    expect_says(refused({.max_wait = -1ms}), "negative");
    expect_says(refused({.jitter = 1.5}), "jitter is 1.5", "0 to 1");
    expect_says(refused({.jitter = std::nan("")}), "0 to 1");
}

// = Errors in prep, post and hooks are never retried.

TEST(Retry, ErrorsOutsideOfExecAreNeverRetried) {
    struct FailsIn : Node {
        std::string where;
        int* n_calls;
        void maybe(const std::string& here) const {
            if (here == where) {
                ++*n_calls;
                throw Flaky(here);
            }
        }
        void before_prep(const Store&) const { maybe("before_prep"); }
        int prep(const Store&) const { return maybe("prep"), 0; }
        int exec(int) const { return 0; }
        int exec_fallback(int, const std::exception&) const { return 0; }
        void after_exec(const Store&) const { maybe("after_exec"); }
        void post(Store&) const { maybe("post"); }
    };
    for (const std::string where : {"before_prep", "prep", "after_exec", "post"}) {
        int n_calls = 0;
        Store shared;
        RunReport report;
        EXPECT_THROW(
            run_one(
                FailsIn{{}, where, &n_calls},
                {.retry = {.max_attempts = 3}},
                shared,
                {.report = &report}
            ),
            Flaky
        );
        EXPECT_EQ(n_calls, 1) << where;
        EXPECT_EQ(report.failed->phase, where);
    }
}

// + retry.backoff (constant, exponential), jitter (seeded), max_wait

TEST(Retry, WaitsFollowTheBackoff) {
    const auto error = std::make_exception_ptr(Flaky("x"));
    const auto wait_after = [&](const Retry& retry, int attempt, std::uint64_t item = 0) {
        return detail::judge(retry, attempt, item, error, false).wait;
    };
    Retry retry{.max_attempts = 100, .wait = 10ms};
    EXPECT_EQ(wait_after(retry, 1), 10ms);
    EXPECT_EQ(wait_after(retry, 7), 10ms);
    retry.backoff = Backoff::exponential;
    EXPECT_EQ(wait_after(retry, 1), 10ms);
    EXPECT_EQ(wait_after(retry, 2), 20ms);
    EXPECT_EQ(wait_after(retry, 5), 160ms);
    EXPECT_EQ(wait_after(retry, 99), 1h);  // max_wait, and no overflow
    retry.max_wait = 50ms;
    EXPECT_EQ(wait_after(retry, 5), 50ms);
}

TEST(Retry, JitterFollowsFromSeedItemAndAttempt) {
    const auto error = std::make_exception_ptr(Flaky("x"));
    const Retry retry{.max_attempts = 9, .wait = 1s, .jitter = 0.5, .seed = 7};
    std::set<std::int64_t> waits;
    for (std::uint64_t item = 0; item < 100; ++item) {
        for (int attempt = 1; attempt < 9; ++attempt) {
            const auto wait = detail::judge(retry, attempt, item, error, false).wait;
            EXPECT_EQ(wait, detail::judge(retry, attempt, item, error, false).wait);
            EXPECT_GT(wait, 500ms);
            EXPECT_LE(wait, 1s);
            waits.insert(wait.count());
        }
    }
    EXPECT_EQ(waits.size(), 800U);
}

// + retry_if (predicate on the exception)

TEST(Retry, OnlyWhatIsWorthARetryIsRetried) {
    const auto calls_for = [](const std::string& message) {
        int n_calls = 0;
        Store shared;
        EXPECT_THROW(
            run_one(
                node(
                    no_phase,
                    [&] {
                        ++n_calls;
                        throw Flaky(message);
                    },
                    no_phase
                ),
                {.retry =
                     {.max_attempts = 3,
                      .retry_if =
                          [](const std::exception& e) {
                              return e.what() == std::string{"soft"};
                          }}},
                shared
            ),
            Flaky
        );
        return n_calls;
    };
    EXPECT_EQ(calls_for("soft"), 3);
    EXPECT_EQ(calls_for("hard"), 1);
}

// + A retrying item does not hold up its neighbours.

TEST(Retry, AWaitingItemDoesNotHoldUpItsNeighbours) {
    for (const std::size_t block : {1U, 5U, 100U}) {
        std::vector<std::size_t> order;  // one worker: no lock
        std::vector<int> attempts(100);
        Graph graph{"g"};
        graph.add(
            "items",
            parallel_batch_node(
                [](const Store&) { return Indices{100}; },
                [&](std::size_t i) {
                    if (i == 3 && ++attempts[i] < 3) {
                        throw Flaky("later");
                    }
                    order.push_back(i);
                    return static_cast<int>(i);
                },
                [](Store& shared, BatchResult<int> result) {
                    shared.set(
                        "values", std::vector<int>(result.values().begin(), result.values().end())
                    );
                }
            ),
            {.threads = 1, .block = block, .retry = {.max_attempts = 3, .wait = 2ms}}
        );
        Store shared;
        run(graph, shared);
        if (test::n_ranks() == 1) {
            EXPECT_EQ(order.back(), 3U) << "block " << block;  // all others ran while it waited
        }
        std::vector<int> expected(100);
        for (int i = 0; i < 100; ++i) {
            expected[static_cast<std::size_t>(i)] = i;
        }
        EXPECT_EQ(shared.get<std::vector<int>>("values"), expected);
    }
}

// + The attempt count belongs to the item: n failing items x k attempts is exactly n*k calls of exec and n
//   fallbacks, on any number of threads.

TEST(Retry, AttemptsAreCountedPerItemOnAnyNumberOfThreads) {
    for (int repetition = 0; repetition < 100; ++repetition) {
        std::atomic<unsigned> n_calls{0};
        std::atomic<unsigned> n_fallbacks{0};
        struct AlwaysFails : ParallelBatchNode {
            std::atomic<unsigned>* n_calls;
            std::atomic<unsigned>* n_fallbacks;
            Indices prep(const Store&) const { return Indices{400}; }
            int exec(std::size_t, const Context& context) const {
                ++*n_calls;
                throw Flaky("attempt " + std::to_string(context.attempt()));
            }
            int exec_fallback(std::size_t item, const std::exception& error, const Context& context)
                const {
                ++*n_fallbacks;
                EXPECT_EQ(context.attempt(), 3);
                EXPECT_EQ(context.item(), item);
                EXPECT_STREQ(error.what(), "attempt 3");
                return static_cast<int>(item);
            }
        };
        Graph graph{"g"};
        graph.add(
            "items",
            AlwaysFails{{}, &n_calls, &n_fallbacks},
            {.threads = 8, .retry = {.max_attempts = 3}}
        );
        Store shared;
        const RunReport report = run(graph, shared);
        ASSERT_EQ(sum_over_ranks(n_calls), 1200U);
        ASSERT_EQ(sum_over_ranks(n_fallbacks), 400U);
        ASSERT_EQ(report.nodes[0].counts.retries, 800U);
        ASSERT_EQ(report.nodes[0].counts.fallbacks, 400U);
        ASSERT_EQ(report.nodes[0].counts.failed_items, 0U);
    }
}

// = on_error(store, error) true drops the error and takes the default edge; + it works for every node kind,
//   for graphs.

TEST(OnError, TrueDropsTheErrorAndTakesTheDefaultEdge) {
    struct Fails : Node {
        bool drop;
        void exec() const { throw Flaky("x"); }
        Action post(Store&) const { return "elsewhere"; }
        bool on_error(Store& shared, const std::exception& error) const {
            shared.set("error", std::string{error.what()});
            return drop;
        }
    };
    for (const bool drop : {true, false}) {
        Graph graph{"g"};
        const auto fails = graph.add("fails", Fails{{}, drop});
        fails >> graph.add("next", node(no_phase, no_phase, [](Store& s) { s.set("next", true); }));
        Store shared;
        RunReport report;
        if (drop) {
            report = run(graph, shared);
            EXPECT_FALSE(report.failed);
        } else {
            EXPECT_THROW(run(graph, shared, {.report = &report}), Flaky);
            EXPECT_TRUE(report.failed);
        }
        EXPECT_TRUE(shared.get<std::string>("error").starts_with("x"));
        EXPECT_EQ(shared.contains("next"), drop);
        EXPECT_EQ(report.find("fails")->counts.errors, 1U);
    }
}

template <class Kind>
struct FailingItems : Kind {
    Indices prep(const Store&) const { return Indices{3}; }
    int exec(std::size_t) const { throw Flaky("item"); }
    bool on_error(Store&, const std::exception&) const { return true; }
};

TEST(OnError, WorksForEveryKindAndForGraphs) {
    struct FailingValidation : ValidatedNode {
        int prep(const Store&) const { return 1; }
        int validate_input(int) const { throw Flaky("invalid"); }
        int exec(int x) const { return x; }
        bool on_error(Store&, const std::exception&) const { return true; }
    };
    Graph inner{"inner", {.on_error = [](Store&, const std::exception&) {
                    return true;
                }}};
    inner.add(
        "fails",
        node(
            no_phase, [] { throw Flaky("inner"); }, no_phase
        )
    );
    Graph graph{"g"};
    auto last = graph.add("batch", FailingItems<BatchNode>{})
                >> graph.add("parallel", FailingItems<ParallelBatchNode>{});
    last =
        last >> graph.add("validated", FailingValidation{}) >> graph.add("inner", std::move(inner));
    Store shared;
    const RunReport report = run(graph, shared);
    for (const std::string name : {"batch", "parallel", "validated", "inner"}) {
        EXPECT_EQ(report.find(name)->counts.errors, 1U) << name;
    }
}

TEST(OnError, WhatItThrowsReplacesTheError) {
    struct Replaces : Node {
        void exec() const { throw Flaky("first"); }
        bool on_error(Store&, const std::exception&) const { throw std::logic_error("second"); }
    };
    Store shared;
    EXPECT_EQ(thrown<std::logic_error>([&] { run_one(Replaces{}, {}, shared); }), "second");
}

// = An interrupt or stop request passes through retry and fallback untouched.

TEST(Stop, PassesThroughRetryFallbackAndOnError) {
    struct Interrupted : Node {
        int* n_calls;
        void exec() const {
            ++*n_calls;
            throw Stopped("interrupted");
        }
        void exec_fallback(const std::exception&) const {
            ADD_FAILURE() << "no fallback for a stop";
        }
        bool on_error(Store&, const std::exception&) const { return true; }
    };
    int n_calls = 0;
    Store shared;
    EXPECT_EQ(
        thrown<Stopped>([&] {
            run_one(Interrupted{{}, &n_calls}, {.retry = {.max_attempts = 5}}, shared);
        }),
        "interrupted"
    );
    EXPECT_EQ(n_calls, 1);
}

TEST(Stop, PassesThroughTheItemsOfABatch) {
    struct Interrupted : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{1000}; }
        int exec(std::size_t i) const { return i == 10 ? throw Stopped("interrupted") : 0; }
        int exec_fallback(std::size_t, const std::exception&) const {
            ADD_FAILURE() << "no fallback for a stop";
            return 0;
        }
    };
    Graph graph{"g"};
    graph.add(
        "items",
        Interrupted{},
        {.threads = 2, .retry = {.max_attempts = 5}, .on_item_error = ItemErrors::skip}
    );
    Store shared;
    EXPECT_EQ(thrown<Stopped>([&] { run(graph, shared); }), "interrupted");
}

TEST(Stop, EndsAWaitBetweenAttempts) {
    const StopSource source;
    int n_calls = 0;
    Store shared;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THROW(
        run_one(
            node(
                no_phase,
                [&] {
                    ++n_calls;
                    source.request_stop();
                    throw Flaky("x");
                },
                no_phase
            ),
            {.retry = {.max_attempts = 2, .wait = 1h}},
            shared,
            {.stop = source.token()}
        ),
        Stopped
    );
    EXPECT_EQ(n_calls, 1);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
}

// + No task outlives its node: when a visit ends, by error too, nothing of it is still running.

TEST(Retry, NoTaskOutlivesItsNode) {
    for (int repetition = 0; repetition < 20; ++repetition) {
        std::atomic<int> n_running{0};
        struct Counted : ParallelBatchNode {
            std::atomic<int>* n_running;
            Indices prep(const Store&) const { return Indices{200}; }
            void exec(std::size_t i) const {
                ++*n_running;
                const auto until = std::chrono::steady_clock::now() + 200us;
                while (std::chrono::steady_clock::now() < until) {
                }
                --*n_running;
                if (i == 20) {
                    throw Flaky("stop here");
                }
            }
        };
        Graph graph{"g"};
        graph.add("items", Counted{{}, &n_running}, {.threads = 4, .block = 1});
        Store shared;
        EXPECT_THROW(run(graph, shared), Flaky);
        EXPECT_EQ(n_running, 0);
    }
}

TEST(Retry, AWaitOfAnyLengthIsAWait) {
    const Retry retry{
        .max_attempts = 100,
        .wait = std::chrono::hours{24 * 365},
        .backoff = Backoff::exponential,
        .max_wait = std::chrono::nanoseconds::max()};
    const auto error = std::make_exception_ptr(1);
    EXPECT_GT(detail::judge(retry, 90, 0, error, false).wait, std::chrono::hours{24 * 365});
}

}  // namespace
}  // namespace kaygraph
