// What results may be: one trait decides how they travel and how they reach a sink, and refuses the rest.
#include "support/memory_sink.hpp"
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <complex>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kaygraph {
namespace {

using namespace std::chrono_literals;
using test::expect_says;
using test::MemorySink;
using test::ranks;
using test::thrown;

struct Hit {
    char kind = 0;
    double score = 0;
    friend bool operator==(const Hit&, const Hit&) = default;
};

/// Returns how many of 100 gathered results are not what exec made.
template <class F>
std::size_t n_wrong(F make) {
    using R = decltype(make(std::size_t{}));
    Graph graph{"g"};
    graph.add(
        "items",
        parallel_batch_node(
            [](const Store&) { return Indices{100}; },
            make,
            [make](Store& shared, const BatchResult<R>& results) {
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < 100; ++i) {
                    wrong += results[i] == make(i) ? 0 : 1;
                }
                shared.set("wrong", wrong);
            }
        ),
        {.block = 3}
    );
    Store shared;
    graph.run(shared, ranks());
    return shared.get<std::size_t>("wrong");
}

TEST(Results, OfEveryKindAreGatheredAsTheyWereMade) {
    const auto is_odd = [](std::size_t i) {
        return i % 2 == 1;
    };
    EXPECT_EQ(
        n_wrong([=](std::size_t i) {
            return is_odd(i) ? std::optional<long>{} : std::optional{static_cast<long>(i)};
        }),
        0U
    );
    EXPECT_EQ(n_wrong([](std::size_t) { return std::optional<unsigned char>{0}; }), 0U);
    EXPECT_EQ(
        n_wrong([=](std::size_t i) {
            using Either = std::variant<int, float>;
            return is_odd(i) ? Either{static_cast<int>(i)} : Either{1.5F};
        }),
        0U
    );
    EXPECT_EQ(n_wrong([](std::size_t i) { return Hit{'h', static_cast<double>(i)}; }), 0U);
    EXPECT_EQ(n_wrong([](std::size_t i) { return std::pair{'c', static_cast<double>(i)}; }), 0U);
    EXPECT_EQ(
        n_wrong([](std::size_t i) {
            return std::complex<float>{1, static_cast<float>(i)};
        }),
        0U
    );
    EXPECT_EQ(n_wrong([](std::size_t i) { return static_cast<long double>(i) / 3; }), 0U);
    EXPECT_EQ(n_wrong([=](std::size_t i) { return is_odd(i); }), 0U);
    EXPECT_EQ(n_wrong([](std::size_t i) { return std::chrono::milliseconds{i}; }), 0U);
    EXPECT_EQ(
        n_wrong([](std::size_t i) {
            return std::vector<std::optional<Hit>>(i % 3, Hit{'v', 1});
        }),
        0U
    );
}

/// Fills the stack with a byte, so that what is not written is seen.
[[gnu::noinline]] void dirty_stack(unsigned char byte) {
    volatile unsigned char junk[4096];
    for (volatile unsigned char& at : junk) {
        at = byte;
    }
}

/// All bytes that a sink gets, in item order, from so many threads.
template <class F>
std::string bytes_in_sink(F make, std::size_t threads) {
    struct Keep final : Sink {
        std::vector<std::string> blocks;
        void open(const SinkShape& shape) override {
            blocks.resize(shape.n_items / shape.block_size + 1);
        }
        void write(const Block& block, const BlockOutput& output) override {
            blocks[block.index].assign(
                reinterpret_cast<const char*>(output.bytes.data()), output.bytes.size()
            );
        }
        void finish() override {}
    };
    const auto sink = std::make_shared<Keep>();
    Graph graph{"g"};
    graph.add(
        "items",
        parallel_batch_node(
            [](const Store&) { return Indices{500}; },
            [make](std::size_t i, const Context& context) {
                dirty_stack(static_cast<unsigned char>(17 * context.thread() + i % 3));
                return make(i);
            },
            no_phase
        ),
        {.threads = threads, .block = 7, .sink = sink}
    );
    Store shared;
    graph.run(shared);
    std::string all;
    for (const std::string& block : sink->blocks) {
        all += block;
    }
    return all;
}

TEST(Results, PaddingDoesNotReachASink) {
    const auto expect_equal = [](auto make) {
        const std::string one = bytes_in_sink(make, 1);
        EXPECT_FALSE(one.empty());
        EXPECT_EQ(bytes_in_sink(make, 3), one);
        EXPECT_EQ(bytes_in_sink(make, 4), one);
    };
    expect_equal([](std::size_t i) {
        Hit hit;
        hit.kind = static_cast<char>(i);
        hit.score = 0.5;
        return hit;
    });
    expect_equal([](std::size_t i) {
        return i % 2 == 1 ? std::optional<double>{} : std::optional<double>{0.5};
    });
    expect_equal([](std::size_t i) { return static_cast<long double>(i); });
    expect_equal([](std::size_t i) { return std::pair{'p', static_cast<double>(i)}; });
    expect_equal([](std::size_t i) {
        return i % 2 == 1 ? std::variant<char, double>{'c'} : std::variant<char, double>{1.5};
    });
}

TEST(Results, OfBulkCallsGoToASinkByTheirCodec) {
    struct Bulk : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{10}; }
        std::size_t row_length() const { return 2; }
        void exec_batch(std::span<const std::size_t> items, MatrixView<long double> rows) const {
            for (std::size_t i = 0; i < items.size(); ++i) {
                rows(i, 0) = 1;
                rows(i, 1) = static_cast<long double>(items[i]);
            }
        }
    };
    const auto sink = std::make_shared<MemorySink>();
    Graph graph{"g"};
    graph.add("rows", Bulk{}, {.block = 4, .sink = sink});
    Store shared;
    graph.run(shared);
    const std::vector<std::byte> bytes = sink->blocks.at(1);  // items 4 to 7
    EXPECT_TRUE(sink->ends.at(1).empty());                    // a row each: 2 times 10 bytes
    ASSERT_EQ(bytes.size(), 4U * 20U);
    Decoder decoder{std::span{bytes}.subspan(3 * std::size_t{20})};
    EXPECT_EQ(decoder.take<long double>(), 1);
    EXPECT_EQ(decoder.take<long double>(), 7);
    EXPECT_EQ(decoder.remaining(), 0U);
}

// ---- what cannot be serialised is refused at add, whatever the number of ranks

struct Pointers : ParallelBatchNode {
    Indices prep(const Store&) const { return Indices{10}; }
    const char* exec(std::size_t) const { return ""; }
};

TEST(Results, ThatCannotTravelAreRefusedAtAddByName) {
    Graph graph{"g"};
    expect_says(
        thrown<ArgumentError>([&] { graph.add("pointers", Pointers{}); }),
        "node 'pointers'",
        "const char",
        "codec",
        "Gather::none"
    );
    const auto node = graph.add("pointers", Pointers{}, {.gather = Gather::none});
    EXPECT_THROW(node.set_options({.gather = Gather::root}), ArgumentError);
    Store shared;
    EXPECT_EQ(graph.run(shared, ranks()).find("pointers")->counts.items, 10U);
}

TEST(Results, ThatCannotReachASinkAreRefusedAtAddByName) {
    struct Padded {
        explicit Padded(double x) : score(x) {}
        char kind = 0;
        double score;
    };
    struct Scores : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{10}; }
        Padded exec(std::size_t) const { return Padded{1}; }
    };
    Graph graph{"g"};
    expect_says(
        thrown<ArgumentError>([&] {
            graph.add("scores", Scores{}, {.sink = std::make_shared<MemorySink>()});
        }),
        "node 'scores'",
        "it has a sink",
        "Padded"
    );
}

TEST(Results, OfRankZeroThatCannotTravelAreRefusedAtAddByName) {
    struct Opens : Node {
        std::shared_ptr<int> exec() const { return std::make_shared<int>(1); }
        void post(Store&, const std::shared_ptr<int>&) const {}
    };
    struct OpensUntaken : Node {
        std::shared_ptr<int> exec() const { return std::make_shared<int>(1); }
    };
    Graph graph{"g"};
    expect_says(
        thrown<ArgumentError>([&] { graph.add("opens", Opens{}, {.where = Where::root}); }),
        "node 'opens'",
        "shared_ptr<int>",
        "run everywhere"
    );
    graph.add("opens", Opens{}) >> graph.add("untaken", OpensUntaken{}, {.where = Where::root});
    Store shared;
    graph.run(shared, ranks());
}

// ---- failures

TEST(Failures, AreKeptAsLongAsTheirTextsAreNotTooLong) {
    constexpr std::size_t text_bytes = 100'000;
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{3'000}; }
        int exec(std::size_t item) const {
            return item % 2 == 1 ? throw std::out_of_range(std::string(text_bytes, 'x')) : 1;
        }
        void post(Store&, const BatchResult<int>& results) const {
            EXPECT_EQ(results.n_failed(), 1'500U);
            const std::size_t kept = (std::size_t{32} << 20U) / text_bytes;
            ASSERT_EQ(results.failures().size(), kept);
            EXPECT_EQ(results.failures().back().item, static_cast<std::int64_t>(2 * kept - 1));
        }
    };
    Graph graph{"g"};
    graph.add("items", Items{}, {.threads = 4, .block = 3, .on_item_error = ItemErrors::skip});
    Store shared;
    graph.run(shared, ranks());
}

TEST(Failures, AreKeptOfTheLowestItems) {
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{50'000}; }
        int exec(std::size_t item, const Context& context) const {
            // some fail late, after others with higher indices
            if (item % 2 == 1 && (item % 100 != 1 || context.attempt() == 2)) {
                throw std::out_of_range("item " + std::to_string(item));
            }
            return item % 100 == 1 ? throw 1 : 1;
        }
        void post(Store& shared, const BatchResult<int>& results) const {
            const std::size_t kept = results.end().is_in_sink
                                         ? BatchStatus::most_failures_kept_with_sink
                                         : BatchStatus::most_failures_kept;
            ASSERT_EQ(results.failures().size(), kept);
            EXPECT_EQ(results.n_failed(), 25'000U);
            for (std::size_t i = 0; i < kept; ++i) {
                ASSERT_EQ(results.failures()[i].item, static_cast<std::int64_t>(2 * i + 1));
                ASSERT_EQ(results.failures()[i].message, "item " + std::to_string(2 * i + 1));
            }
            for (const std::size_t item : {1UL, 2UL, 30'000UL, 30'001UL, 49'999UL}) {
                EXPECT_EQ(
                    results.status(item), item % 2 == 1 ? ItemStatus::error : ItemStatus::value
                );
            }
            const Outcome<const int&> last = results.outcome(49'999);
            EXPECT_FALSE(last.has_value());
            EXPECT_EQ(last.failure().item, 49'999);
            expect_says(last.failure().message, "the lowest failed items");
            expect_says(
                thrown<NodeError>([&] { (void)results[49'999]; }), "the lowest failed items"
            );
            shared.set("post", true);
        }
    };
    for (const bool to_sink : {false, true}) {
        Graph graph{"g"};
        graph.add(
            "items",
            Items{},
            {.threads = 4,
             .retry =
                 {.max_attempts = 2,
                  .wait = 1us,
                  .retry_if =
                      [](const std::exception& error) {
                          return is<int>(error);
                      }},
             .on_item_error = ItemErrors::skip,
             .sink = to_sink ? std::make_shared<MemorySink>() : nullptr}
        );
        Store shared;
        graph.run(shared, ranks());
        EXPECT_TRUE(shared.get<bool>("post"));
    }
}

}  // namespace
}  // namespace kaygraph
