// The seam for bulk output and journaling, with a sink and a ledger in memory.
#include "support/memory_sink.hpp"
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::MemoryLedger;
using test::MemorySink;
using test::run;
using test::thrown;

struct Rows : ParallelBatchNode {
    std::size_t n = 1000;
    std::size_t bad = static_cast<std::size_t>(-1);
    Indices prep(const Store&) const { return Indices{n}; }
    std::size_t row_length() const { return 3; }
    void exec_batch(std::span<const std::size_t> items, MatrixView<float> rows) const {
        for (std::size_t i = 0; i < items.size(); ++i) {
            for (std::size_t c = 0; c < 3; ++c) {
                rows(i, c) = static_cast<float>(3 * items[i] + c);
            }
            if (items[i] == bad) {
                throw std::runtime_error("bad item");
            }
        }
    }
    void post(Store& shared, BatchRows<float> rows) const {
        shared.set("n_values", rows.n_values());
        EXPECT_EQ(rows.matrix().rows(), 0U);  // the rows went to the sink
    }
};

void run(auto node, const ParallelBatchOptions& options, RunReport* report = nullptr) {
    Graph graph{"g"};
    graph.add("node", std::move(node), options);
    Store shared;
    std::exception_ptr error;
    try {
        run(graph, shared, {.report = report});
    } catch (...) {
        error = std::current_exception();
    }
    if (const auto sink = std::dynamic_pointer_cast<MemorySink>(options.sink)) {
        sink->gather_over_ranks();
    }
    if (const auto ledger = std::dynamic_pointer_cast<MemoryLedger>(options.ledger)) {
        ledger->gather_over_ranks();
    }
    if (error) {
        std::rethrow_exception(error);
    }
}

std::vector<float> counted(std::size_t n) {
    std::vector<float> values(n);
    for (std::size_t i = 0; i < n; ++i) {
        values[i] = static_cast<float>(i);
    }
    return values;
}

// + with a sink, results leave as they are made

TEST(Sink, GetsRowsAtTheirPlaces) {
    for (const std::size_t threads : {1U, 4U}) {
        const auto sink = std::make_shared<MemorySink>();
        run(Rows{}, {.threads = threads, .block = 7, .sink = sink});
        EXPECT_EQ(sink->shape.n_items, 1000U);
        EXPECT_EQ(sink->shape.block_size, 7U);
        EXPECT_EQ(sink->shape.row_length, 3U);
        EXPECT_EQ(sink->shape.row_bytes, 12U);
        EXPECT_TRUE(sink->is_finished);
        EXPECT_EQ(sink->rows_as<float>(), counted(3000));
        EXPECT_EQ(sink->times_written.size(), 143U);
    }
}

TEST(Sink, ARowOfAFailedItemIsZero) {
    const auto sink = std::make_shared<MemorySink>();
    run(Rows{{}, 1000, 500},
        {.threads = 2, .block = 8, .on_item_error = ItemErrors::skip, .sink = sink});
    std::vector<float> expected = counted(3000);
    std::fill_n(expected.begin() + 1500, 3, 0.0F);
    EXPECT_EQ(sink->rows_as<float>(), expected);
}

TEST(Sink, TakesValuesOfFixedSize) {
    struct Doubles : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        double exec(std::size_t item) const {
            return item == 50 ? throw std::runtime_error("x") : static_cast<double>(item);
        }
        void post(Store&, BatchResult<double> result) const {
            expect_says(thrown<NodeError>([&] { (void)result[3]; }), "went to the node's sink");
            EXPECT_EQ(result.n_failed(), 1U);
        }
    };
    const auto sink = std::make_shared<MemorySink>();
    run(Doubles{}, {.block = 16, .on_item_error = ItemErrors::skip, .sink = sink});
    const auto values = sink->rows_as<double>();
    ASSERT_EQ(values.size(), 100U);
    EXPECT_EQ(values[99], 99.0);
    EXPECT_EQ(values[50], 0.0);
}

template <bool bulk>
struct Texts;
template <>
struct Texts<false> : ParallelBatchNode {
    Indices prep(const Store&) const { return Indices{10}; }
    std::string exec(std::size_t item) const {
        return item == 4 ? throw std::runtime_error("x") : std::string(item, 'x');
    }
};
template <>
struct Texts<true> : ParallelBatchNode {
    Indices prep(const Store&) const { return Indices{10}; }
    void exec_batch(std::span<const std::size_t> items, std::span<std::string> texts) const {
        for (std::size_t i = 0; i < items.size(); ++i) {
            texts[i] = items[i] == 4 ? throw std::runtime_error("x") : std::string(items[i], 'x');
        }
    }
};

template <bool bulk>
void expect_texts_are_encoded() {
    const auto sink = std::make_shared<MemorySink>();
    run(Texts<bulk>{},
        {.threads = 1, .block = 10, .on_item_error = ItemErrors::skip, .sink = sink});
    EXPECT_EQ(sink->shape.row_bytes, 0U);
    const std::vector<std::size_t>& ends = sink->ends[0];
    ASSERT_EQ(ends.size(), 10U);
    EXPECT_EQ(ends[4], ends[3]);  // a failed item leaves no bytes
    const std::span<const std::byte> bytes = sink->blocks[0];
    EXPECT_EQ(decode<std::string>(bytes.subspan(ends[6], ends[7] - ends[6])), "xxxxxxx");
}

TEST(Sink, TakesValuesOfAnySizeEncoded) {
    expect_texts_are_encoded<false>();
    expect_texts_are_encoded<true>();
}

struct NotZero {
    int a = 7;
    int b = 9;
};
struct NotZeros : ParallelBatchNode {
    Indices prep(const Store&) const { return Indices{8}; }
    void exec_batch(std::span<const std::size_t> items, std::span<NotZero> results) const {
        for (std::size_t i = 0; i < items.size(); ++i) {
            results[i].a = items[i] == 3 ? throw std::runtime_error("x") : 1;
        }
    }
};

TEST(Sink, TheRowOfAFailedItemIsZerosWhateverAResultBeginsAs) {
    const auto sink = std::make_shared<MemorySink>();
    run(NotZeros{}, {.threads = 1, .block = 4, .on_item_error = ItemErrors::skip, .sink = sink});
    const std::vector<NotZero> rows = sink->rows_as<NotZero>();
    ASSERT_EQ(rows.size(), 8U);
    EXPECT_EQ(rows[2].b, 9);
    EXPECT_EQ(rows[3].a, 0);
    EXPECT_EQ(rows[3].b, 0);
}

TEST(Sink, ResultsThatCannotBeSerialisedAreRefused) {
    struct Pointers : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{1}; }
        const char* exec(std::size_t) const { return ""; }
    };
    Graph graph{"g"};
    expect_says(
        thrown<ArgumentError>([&] {
            graph.add("node", Pointers{}, {.sink = std::make_shared<MemorySink>()});
        }),
        "node 'node'",
        "const char",
        "cannot be serialised",
        "codec"
    );
}

// memory is bounded by threads x block, whatever the input size

TEST(Sink, MemoryHoldsBlocksNotBatches) {
    struct Source {
        using Item = std::vector<std::byte>;
        std::atomic<std::size_t>* n_alive;
        std::atomic<std::size_t>* most_alive;
        [[nodiscard]] std::size_t size() const { return 100'000; }
        void read(std::size_t, std::size_t count, std::vector<Item>& items) const {
            const std::size_t before = items.size();
            items.resize(count);
            *n_alive += count - before;
            std::size_t seen = *most_alive;
            while (seen < *n_alive && !most_alive->compare_exchange_weak(seen, *n_alive)) {
            }
        }
    };
    struct Sizes : ParallelBatchNode {
        std::atomic<std::size_t>* n_alive;
        std::atomic<std::size_t>* most_alive;
        Source prep(const Store&) const { return {n_alive, most_alive}; }
        int exec(const std::vector<std::byte>& item) const { return static_cast<int>(item.size()); }
    };
    struct Drop final : Sink {
        void open(const SinkShape&) override {}
        void write(const Block&, const BlockOutput&) override {}
        void finish() override {}
    };
    std::atomic<std::size_t> n_alive{0};
    std::atomic<std::size_t> most_alive{0};
    run(Sizes{{}, &n_alive, &most_alive},
        {.threads = 4, .block = 50, .sink = std::make_shared<Drop>()});
    EXPECT_LE(most_alive, 4U * 50U);
}

// A batch node may have a ledger (is this block done? started, done, rejected).

TEST(Ledger, BlocksThatAreDoneAreNotRunAgain) {
    const auto sink = std::make_shared<MemorySink>();
    const auto ledger = std::make_shared<MemoryLedger>();
    sink->fail_at_block = 5;
    const ParallelBatchOptions options{.threads = 2, .block = 100, .sink = sink, .ledger = ledger};
    EXPECT_THROW(run(Rows{}, options), IoError);  // the first run does not come to its end
    EXPECT_FALSE(sink->is_finished);
    EXPECT_EQ(ledger->done_blocks.count(5), 0U);
    sink->fail_at_block = static_cast<std::size_t>(-1);
    RunReport report;
    run(Rows{}, options, &report);
    EXPECT_TRUE(sink->is_finished);
    EXPECT_EQ(sink->rows_as<float>(), counted(3000));
    EXPECT_EQ(ledger->done_blocks.size(), 10U);
    for (const auto& written : sink->times_written) {
        EXPECT_EQ(written.second, 1) << "block " << written.first;
    }
    run(Rows{}, options, &report);  // nothing left
    EXPECT_EQ(report.nodes[0].counts.items, 0U);
    EXPECT_TRUE(sink->is_finished);
}

TEST(Ledger, ABlockInWhichAnItemEndedTheBatchIsNotDone) {
    for (const std::size_t bad : {0U, 4U, 9U}) {  // the last item of its block as well
        const auto sink = std::make_shared<MemorySink>();
        const auto ledger = std::make_shared<MemoryLedger>();
        const ParallelBatchOptions options{
            .threads = 1, .block = 5, .sink = sink, .ledger = ledger};
        EXPECT_THROW(run(Rows{{}, 20, bad}, options), std::runtime_error);
        EXPECT_EQ(ledger->done_blocks.count(bad / 5), 0U);
        EXPECT_EQ(sink->blocks.count(bad / 5), 0U);
        run(Rows{{}, 20}, options);  // mended
        EXPECT_EQ(sink->rows_as<float>(), counted(60));
    }
}

TEST(Ledger, ABlockWithItemsThatStillWaitedAtAStopIsNotDone) {
    using namespace std::chrono_literals;
    const StopSource source;
    struct Waits : ParallelBatchNode {
        const StopSource* source;
        Indices prep(const Store&) const { return Indices{10}; }
        double exec(std::size_t item) const {
            if (item == 9) {
                source->request_stop();
            }
            return item == 2 ? throw std::runtime_error("later") : 1.0;
        }
    };
    const auto sink = std::make_shared<MemorySink>();
    const auto ledger = std::make_shared<MemoryLedger>();
    Graph graph{"g"};
    graph.add(
        "waits",
        Waits{{}, &source},
        {.threads = 1,
         .block = 5,
         .retry = {.max_attempts = 2, .wait = 1h},
         .on_item_error = ItemErrors::reject,
         .sink = sink,
         .ledger = ledger}
    );
    Store shared;
    EXPECT_THROW(run(graph, shared, {.stop = source.token()}), Stopped);
    ledger->gather_over_ranks();
    EXPECT_EQ(ledger->done_blocks, std::set<std::size_t>{1});
    EXPECT_TRUE(ledger->rejected_items.empty());
}

TEST(Ledger, IsToldOfRejectedItems) {
    const auto ledger = std::make_shared<MemoryLedger>();
    run(Rows{{}, 1000, 321},
        {.threads = 2,
         .block = 10,
         .on_item_error = ItemErrors::reject,
         .sink = std::make_shared<MemorySink>(),
         .ledger = ledger});
    ASSERT_EQ(ledger->rejected_items.size(), 1U);
    EXPECT_EQ(ledger->rejected_items[321], "bad item");
    EXPECT_EQ(ledger->done_blocks.size(), 100U);
}

// Journaling needs a sink, and one visit per journaled node and run.

TEST(Ledger, NeedsASink) {
    Graph graph{"g"};
    graph.add("node", Rows{}, {.ledger = std::make_shared<MemoryLedger>()});
    ASSERT_EQ(graph.validate().size(), 1U);
    expect_says(graph.validate()[0], "'node'", "ledger but no sink");
}

TEST(Ledger, AllowsOneVisitOfItsNode) {
    Graph graph{"g"};
    const auto rows = graph.add(
        "rows",
        Rows{},
        {.sink = std::make_shared<MemorySink>(), .ledger = std::make_shared<MemoryLedger>()}
    );
    rows >> rows;
    Store shared;
    expect_says(thrown<GraphError>([&] { run(graph, shared); }), "node 'rows'", "visited once");
}

}  // namespace
}  // namespace kaygraph
