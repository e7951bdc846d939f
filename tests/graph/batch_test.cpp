// Semantics, section "Batch nodes".
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <forward_list>
#include <iterator>
#include <list>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_nested;
using test::expect_says;
using test::run;
using test::thrown;

/// Runs a graph of one node around a store.
RunReport run_one(Store& shared, auto node, auto options, RunReport* on_error = nullptr) {
    Graph graph{"g"};
    graph.add("node", std::move(node), std::move(options));
    return run(graph, shared, {.report = on_error});
}

// = prep returns any range; exec runs once per item; results are in input order; an empty range runs no exec
//   and still runs post. Retry and fallback are per item.

template <class Kind, class Range>
std::vector<int> squares_of(const Range& range) {
    struct Squares : Kind {
        const Range* range;
        Range prep(const Store&) const { return *range; }
        int exec(int x) const { return x * x; }
        void post(Store& shared, BatchResult<int> result) const {
            shared.set("values", std::move(result).take_values());
        }
    };
    Store shared;
    run_one(shared, Squares{{}, &range}, typename Kind::Options{});
    return shared.get<std::vector<int>>("values");
}

/// What exec did in all: on one rank, or where the node is spread on all together.
template <class Kind>
std::vector<int> all_calls(std::vector<int> calls) {
    for (int& n : calls) {
        if constexpr (std::is_same_v<Kind, ParallelBatchNode>) {
            n = static_cast<int>(test::sum_over_ranks(static_cast<std::uint64_t>(n)));
        }
    }
    return calls;
}

template <class Kind>
class EveryKind : public testing::Test {};
using Kinds = testing::Types<BatchNode, ParallelBatchNode>;
TYPED_TEST_SUITE(EveryKind, Kinds);

TYPED_TEST(EveryKind, TakesAnyRange) {
    const std::vector<int> expected{1, 4, 9};
    EXPECT_EQ((squares_of<TypeParam>(std::vector<int>{1, 2, 3})), expected);
    EXPECT_EQ((squares_of<TypeParam>(std::list<int>{1, 2, 3})), expected);
    EXPECT_EQ((squares_of<TypeParam>(std::forward_list<int>{1, 2, 3})), expected);
    EXPECT_EQ((squares_of<TypeParam>(std::set<int>{3, 1, 2})), expected);
    EXPECT_EQ((squares_of<TypeParam>(std::array<int, 3>{1, 2, 3})), expected);
    EXPECT_EQ((squares_of<TypeParam>(std::vector<bool>{true, false})), (std::vector<int>{1, 0}));
    EXPECT_EQ((squares_of<TypeParam>(std::vector<int>{})), std::vector<int>{});
}

TYPED_TEST(EveryKind, TakesARangeThatCanBeReadOnce) {
    struct Numbers {  // an input range: its iterators share the stream
        std::istringstream* stream;
        auto begin() { return std::istream_iterator<int>{*stream}; }
        auto end() { return std::istream_iterator<int>{}; }
    };
    struct Reads : TypeParam {
        std::istringstream* stream;
        Numbers prep(const Store&) const { return {stream}; }
        int exec(int x) const { return x + 1; }
        void post(Store& shared, BatchResult<int> result) const {
            shared.set("values", std::move(result).take_values());
        }
    };
    std::istringstream stream{"10 20 30"};
    Store shared;
    run_one(shared, Reads{{}, &stream}, typename TypeParam::Options{});
    EXPECT_EQ(shared.get<std::vector<int>>("values"), (std::vector<int>{11, 21, 31}));
}

TYPED_TEST(EveryKind, ItemsOfTheStoreAreNotCopied) {
    struct Document {
        std::string text;
        Document() = default;
        explicit Document(std::string t) : text(std::move(t)) {}
        Document(const Document&) { ADD_FAILURE() << "copied"; }
        Document(Document&&) = default;
        Document& operator=(const Document&) = delete;
        Document& operator=(Document&&) = default;
        ~Document() = default;
    };
    struct Lengths : TypeParam {
        auto prep(const Store& shared) const {
            return std::span{shared.get<std::vector<Document>>("documents")};
        }
        std::size_t exec(const Document& document) const { return document.text.size(); }
        void post(Store& shared, BatchResult<std::size_t> result) const {
            shared.set("n", result[1]);
        }
    };
    std::vector<Document> documents;
    documents.emplace_back("a");
    documents.emplace_back("bcd");
    Store shared;
    shared.set("documents", std::move(documents));
    run_one(shared, Lengths{}, typename TypeParam::Options{});
    EXPECT_EQ(shared.get<std::size_t>("n"), 3U);
}

TYPED_TEST(EveryKind, AnEmptyRangeRunsNoExecAndStillPost) {
    struct Empty : TypeParam {
        std::vector<int> prep(const Store&) const { return {}; }
        int exec(int) const { return ADD_FAILURE() << "no item, no exec", 0; }
        void post(Store& shared, const std::vector<int>&, const BatchResult<int>& result) const {
            shared.set("n", result.n_items());
            EXPECT_TRUE(result.values().empty());
            EXPECT_TRUE(result.all_values());
        }
    };
    Store shared;
    run_one(shared, Empty{}, typename TypeParam::Options{});
    EXPECT_EQ(shared.get<std::size_t>("n"), 0U);
}

TYPED_TEST(EveryKind, RetryAndFallbackArePerItem) {
    struct Flaky : TypeParam {
        std::vector<int>* calls;
        Indices prep(const Store&) const { return Indices{10}; }
        int exec(std::size_t item, const Context& context) const {
            ++(*calls)[item];
            return item % 3 == 0 || context.attempt() < 2 ? throw std::runtime_error("x") : 1;
        }
        int exec_fallback(std::size_t, const std::exception&) const { return -1; }
        void post(Store& shared, BatchResult<int> result) const {
            shared.set("values", std::move(result).take_values());
        }
    };
    std::vector<int> calls(10);
    Store shared;
    run_one(shared, Flaky{{}, &calls}, typename TypeParam::Options{.retry = {.max_attempts = 3}});
    EXPECT_EQ(all_calls<TypeParam>(calls), (std::vector<int>{3, 2, 2, 3, 2, 2, 3, 2, 2, 3}));
    EXPECT_EQ(
        shared.get<std::vector<int>>("values"), (std::vector<int>{-1, 1, 1, -1, 1, 1, -1, 1, 1, -1})
    );
}

TYPED_TEST(EveryKind, ExecMayReturnNothing) {
    struct Touch : TypeParam {
        std::vector<int>* seen;
        Indices prep(const Store&) const { return Indices{5}; }
        void exec(std::size_t item) const { (*seen)[item] = 1; }
        void post(Store& shared, const BatchResult<void>& result) const {
            shared.set("n", result.n_values());
        }
    };
    std::vector<int> seen(5);
    Store shared;
    run_one(shared, Touch{{}, &seen}, typename TypeParam::Options{});
    EXPECT_EQ(all_calls<TypeParam>(seen), std::vector<int>(5, 1));
    EXPECT_EQ(shared.get<std::size_t>("n"), 5U);
}

// = BatchNode is sequential and stops at the first item whose fallback failed.

TEST(BatchNode, StopsAtTheFirstItemThatFailsForGood) {
    std::vector<std::size_t> order;
    struct Fails : BatchNode {
        std::vector<std::size_t>* order;
        Indices prep(const Store&) const { return Indices{1000}; }
        int exec(std::size_t item) const {
            order->push_back(item);
            return item == 5 || item == 600 ? throw std::runtime_error("bad") : 0;
        }
        int exec_fallback(std::size_t item, const std::exception&) const {
            return item == 5 ? 0 : throw std::range_error("item " + std::to_string(item));
        }
    };
    Store shared;
    RunReport report;
    EXPECT_EQ(
        thrown<std::range_error>([&] {
            run_one(shared, Fails{{}, &order}, BatchOptions{}, &report);
        }),
        "item 600"
    );
    std::vector<std::size_t> expected(601);
    std::iota(expected.begin(), expected.end(), 0U);
    EXPECT_EQ(order, expected);
    EXPECT_EQ(report.failed->failure.item, 600);
    EXPECT_EQ(report.nodes[0].counts.items, 601U);
    EXPECT_EQ(report.nodes[0].counts.failed_items, 1U);
}

TEST(BatchNode, WaitsInOrder) {
    using namespace std::chrono_literals;
    std::vector<std::size_t> order;
    struct Flaky : BatchNode {
        std::vector<std::size_t>* order;
        Indices prep(const Store&) const { return Indices{4}; }
        void exec(std::size_t item, const Context& context) const {
            if (item == 1 && context.attempt() == 1) {
                throw std::runtime_error("later");
            }
            order->push_back(item);
        }
    };
    Store shared;
    run_one(shared, Flaky{{}, &order}, BatchOptions{.retry = {.max_attempts = 2, .wait = 1ms}});
    EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3}));
}

// + A result per index: value, error, or not run.

struct SomeFail : ParallelBatchNode {
    std::size_t n = 100;
    std::size_t every = 10;
    Indices prep(const Store&) const { return Indices{n}; }
    std::string exec(std::size_t item) const {
        return item % every == 0 ? throw std::out_of_range("bad " + std::to_string(item))
                                 : std::to_string(item);
    }
    void post(Store& shared, BatchResult<std::string> result) const {
        shared.set("result", std::move(result));
    }
};

TEST(ParallelBatchNode, SkipGoesOnWithoutTheItem) {
    for (const ItemErrors policy : {ItemErrors::skip, ItemErrors::reject}) {
        Store shared;
        const RunReport report = run_one(
            shared, SomeFail{}, ParallelBatchOptions{.threads = 3, .on_item_error = policy}
        );
        const auto& result = shared.get<BatchResult<std::string>>("result");
        EXPECT_EQ(result.n_items(), 100U);
        EXPECT_EQ(result.n_values(), 90U);
        EXPECT_EQ(result.n_failed(), 10U);
        EXPECT_EQ(result.n_not_run(), 0U);
        EXPECT_EQ(result.status(20), ItemStatus::error);
        EXPECT_EQ(result.status(21), ItemStatus::value);
        EXPECT_EQ(result[21], "21");
        EXPECT_EQ(thrown<std::out_of_range>([&] { (void)result[20]; }), "bad 20");
        EXPECT_EQ(thrown<std::out_of_range>([&] { (void)result.values(); }), "bad 0");
        EXPECT_EQ(*result.outcome(21), "21");
        EXPECT_EQ(result.outcome(20).failure().message, "bad 20");
        EXPECT_EQ(result.failures().size(), 10U);
        EXPECT_EQ(result.failure(30)->attempts, 1);
        EXPECT_EQ(result.failure(31), nullptr);
        EXPECT_THROW((void)result[100], NodeError);
        std::size_t n_values = 0;
        result.for_each([&](std::size_t item, const std::string& value) {
            EXPECT_EQ(value, std::to_string(item));
            ++n_values;
        });
        EXPECT_EQ(n_values, 90U);
        EXPECT_EQ(report.nodes[0].counts.failed_items, 10U);
        EXPECT_EQ(report.nodes[0].counts.items, 100U);
    }
}

// + Batches that run to the end report the lowest failing index. All items failing is a failure under every
//   policy.

TEST(ParallelBatchNode, AllItemsFailingIsAFailureUnderEveryPolicy) {
    for (const ItemErrors policy : {ItemErrors::skip, ItemErrors::reject}) {
        Store shared;
        RunReport report;
        try {
            run_one(
                shared,
                SomeFail{{}, 50, 1},
                ParallelBatchOptions{.threads = 4, .on_item_error = policy},
                &report
            );
            FAIL() << "nothing thrown";
        } catch (const NodeError& error) {
            EXPECT_EQ(error.code(), ErrorCode::all_items_failed);
            expect_says(
                error.what(), "all 50 items failed", "the first is item 0: bad 0", "node 'node'"
            );
            expect_nested<std::out_of_range>(error);
        }
        EXPECT_EQ(report.failed->failure.item, 0);
    }
}

// + exec_batch(span<const Item>, span<Result>) or with a MatrixView output: bulk work on one block

struct BulkSquares : ParallelBatchNode {
    std::vector<int> prep(const Store& shared) const {
        return shared.get<std::vector<int>>("numbers");
    }
    void exec_batch(std::span<const int> items, std::span<long> results) const {
        for (std::size_t i = 0; i < items.size(); ++i) {
            results[i] = long{items[i]} * items[i];
        }
    }
    void post(Store& shared, BatchResult<long> result) const {
        shared.set("values", std::move(result).take_values());
    }
};

std::vector<int> numbers(std::size_t n) {
    std::vector<int> result(n);
    std::iota(result.begin(), result.end(), 0);
    return result;
}

TEST(ExecBatch, WorksOnBlocks) {
    Store shared;
    shared.set("numbers", numbers(1000));
    run_one(shared, BulkSquares{}, ParallelBatchOptions{.threads = 2, .block = 64});
    const auto& values = shared.get<std::vector<long>>("values");
    for (std::size_t i = 0; i < 1000; ++i) {
        ASSERT_EQ(values[i], static_cast<long>(i * i));
    }
}

struct RowsOfPowers : ParallelBatchNode {
    std::size_t width = 3;
    std::list<int> prep(const Store&) const {
        return {1, 2, 3, 4, 5};
    }  // gathered for the bulk call
    std::size_t row_length(const Context&) const { return width; }
    void exec_batch(std::span<const int> items, MatrixView<float> rows) const {
        ASSERT_EQ(rows.rows(), items.size());
        ASSERT_EQ(rows.cols(), width);
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (items[i] == 4) {
                rows(i, 0) = 99;  // half a row, and then it fails
                throw std::runtime_error("four");
            }
            float power = 1;
            for (float& element : rows.row(i)) {
                element = power *= static_cast<float>(items[i]);
            }
        }
    }
    void post(Store& shared, BatchRows<float> rows) const { shared.set("rows", std::move(rows)); }
};

TEST(ExecBatch, FillsRowsOfAMatrix) {
    Store shared;
    run_one(
        shared, RowsOfPowers{}, ParallelBatchOptions{.block = 2, .on_item_error = ItemErrors::skip}
    );
    const auto& rows = shared.get<BatchRows<float>>("rows");
    EXPECT_EQ(rows.matrix().rows(), 5U);
    EXPECT_EQ(rows.row(2)[2], 27.0F);
    EXPECT_EQ(rows.row(4)[1], 25.0F);
    EXPECT_EQ(rows.status(3), ItemStatus::error);
    for (const float element : rows.row(3)) {
        EXPECT_EQ(element, 0.0F);  // the row of a failed item is zero
    }
}

// + if it throws, the block is redone with one-item spans so that one bad item costs one item; the failed bulk
//   call costs no attempt.

TEST(ExecBatch, OneBadItemCostsOneItemAndTheBulkCallNoAttempt) {
    struct Bulk : ParallelBatchNode {
        std::vector<int>* attempts;  // of each item alone
        std::vector<int> prep(const Store&) const { return numbers(10); }
        void exec_batch(std::span<const int> items, std::span<int> results, const Context& context)
            const {
            for (std::size_t i = 0; i < items.size(); ++i) {
                if (items.size() == 1) {
                    EXPECT_EQ(context.attempt(), ++(*attempts)[static_cast<std::size_t>(items[0])]);
                }
                EXPECT_EQ(results[i], 0);  // fresh, whatever a failed call left
                results[i] = items[i] + 100;
                if (items[i] == 3) {
                    throw std::runtime_error("three");
                }
            }
        }
        void post(Store& shared, BatchResult<int> result) const {
            shared.set("result", std::move(result));
        }
    };
    std::vector<int> attempts(10);
    Store shared;
    const RunReport report = run_one(
        shared,
        Bulk{{}, &attempts},
        ParallelBatchOptions{
            .threads = 1,
            .block = 5,
            .retry = {.max_attempts = 2},
            .on_item_error = ItemErrors::skip}
    );
    EXPECT_EQ(
        all_calls<ParallelBatchNode>(attempts), (std::vector<int>{1, 1, 1, 2, 1, 0, 0, 0, 0, 0})
    );
    const auto& result = shared.get<BatchResult<int>>("result");
    EXPECT_EQ(result.n_failed(), 1U);
    EXPECT_EQ(result.failure(3)->attempts, 2);
    EXPECT_EQ(result[4], 104);
    EXPECT_EQ(report.nodes[0].counts.retries, 1U);
}

TEST(ExecBatch, FallbacksFillTheResultOrTheRow) {
    struct Values : ParallelBatchNode {
        std::vector<int> prep(const Store&) const { return numbers(4); }
        void exec_batch(std::span<const int>, std::span<int>) const {
            throw std::runtime_error("x");
        }
        int exec_fallback(int item, const std::exception&) const { return -item; }
        void post(Store& shared, BatchResult<int> result) const { shared.set("last", result[3]); }
    };
    struct Rows : ParallelBatchNode {
        std::vector<int> prep(const Store&) const { return numbers(4); }
        std::size_t row_length() const { return 2; }
        void exec_batch(std::span<const int>, MatrixView<double>) const {
            throw std::runtime_error("x");
        }
        void exec_fallback(int item, const std::exception&, std::span<double> row) const {
            row[1] = item;
        }
        void post(Store& shared, BatchRows<double> rows) const {
            shared.set("last", rows.row(3)[1]);
        }
    };
    Store shared;
    run_one(shared, Values{}, ParallelBatchOptions{});
    EXPECT_EQ(shared.get<int>("last"), -3);
    run_one(shared, Rows{}, ParallelBatchOptions{});
    EXPECT_EQ(shared.get<double>("last"), 3.0);
}

// 7. (design) per-thread scratch: each thread makes one state.

TEST(ThreadState, IsMadeOncePerWorkerAndHandedToItsItems) {
    struct Scratch {
        std::size_t thread;
        int n_items = 0;
        explicit Scratch(std::size_t t) : thread(t) {}
        Scratch(const Scratch&) = delete;  // made in its place
        Scratch& operator=(const Scratch&) = delete;
    };
    struct Counts : ParallelBatchNode {
        std::atomic<int>* n_made;
        Indices prep(const Store&) const { return Indices{1000}; }
        Scratch thread_state(const Context& context) const {
            ++*n_made;
            return Scratch{context.thread()};
        }
        std::size_t exec(std::size_t, Scratch& scratch, const Context& context) const {
            EXPECT_EQ(scratch.thread, context.thread());
            EXPECT_LT(context.thread(), context.n_threads());
            ++scratch.n_items;
            return scratch.thread;
        }
    };
    std::atomic<int> n_made{0};
    Store shared;
    run_one(
        shared,
        Counts{{}, &n_made},
        ParallelBatchOptions{.threads = 4, .schedule = Schedule::static_}
    );
    EXPECT_EQ(n_made, 4);
}

// + Item sources larger than memory: a source gives blocks on demand

TEST(ParallelBatchOptions, OutsideTheirRangeAreRefusedWithWhatToWrite) {
    const auto refused = [](const ParallelBatchOptions& options) {
        Graph graph{"g"};
        return thrown<ArgumentError>([&] { graph.add("items", SomeFail{}, options); });
    };
    expect_says(refused({.threads = 0}), "node 'items'", "threads is 0", "write 1");
    expect_says(refused({.block = 0}), "block is 0");
    expect_says(refused({.retry = {.max_attempts = 0}}), "max_attempts");
    expect_says(
        refused({.on_item_error = ItemErrors::skip, .max_errors = {.share = 1.5}}), "0 to 1"
    );
    expect_says(refused({.max_errors = {.count = 3}}), "on_item_error is fail", "skip");
    expect_says(
        refused(
            {.stop_when =
                 [](const int& value) {
                     return value > 0;
                 }}
        ),
        "stop_when",
        "type int",
        "basic_string"
    );
}

TEST(Handle, OptionsMayBeReplacedBeforeARun) {
    Graph graph{"g"};
    const auto items = graph.add("items", SomeFail{});
    items.set_options({.threads = 2, .on_item_error = ItemErrors::skip});
    EXPECT_EQ(items.options().threads, 2U);
    EXPECT_THROW(items.set_options({.threads = 0}), ArgumentError);
    EXPECT_EQ(items.options().threads, 2U);
    Store shared;
    EXPECT_NO_THROW(run(graph, shared));
}

}  // namespace
}  // namespace kaygraph
