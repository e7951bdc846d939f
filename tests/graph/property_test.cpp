// The central property: results, errors and the counts of reports are the same for any number of threads, any
// block size and any schedule.
#include "support/memory_sink.hpp"
#include "support/ranks.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace kaygraph {
namespace {

using test::run;

/// What an item does: succeeds with a value, after some failures, with or without a fallback.
struct Behaviour {
    int n_failures = 0;
    bool has_fallback = false;
    long value = 0;
};

Behaviour behaviour_of(unsigned item, unsigned seed) {
    const unsigned mixed = (item + 1) * 2654435761U ^ seed * 40503U;
    return {
        .n_failures = mixed % 11 == 0 ? static_cast<int>(mixed % 5) : 0,
        .has_fallback = mixed % 3 == 0,
        .value = static_cast<long>(mixed % 1000)};
}

/// A list, so that a result owns memory that must be freed once.
using Result = std::vector<long>;

struct OneByOne : ParallelBatchNode {
    std::size_t n;
    unsigned seed;
    Indices prep(const Store&) const { return Indices{n}; }
    Result exec(std::size_t item, const Context& context) const {
        const Behaviour behaviour = behaviour_of(static_cast<unsigned>(item), seed);
        if (context.attempt() <= behaviour.n_failures) {
            throw std::runtime_error(
                "item " + std::to_string(item) + " attempt " + std::to_string(context.attempt())
            );
        }
        return {behaviour.value, static_cast<long>(item)};
    }
    Result exec_fallback(std::size_t item, const std::exception& error) const {
        return behaviour_of(static_cast<unsigned>(item), seed).has_fallback
                   ? Result{-1}
                   : throw std::range_error(std::string{"no fallback for "} + error.what());
    }
    void post(Store& shared, BatchResult<Result> result) const {
        shared.set("result", std::move(result));
    }
};

struct InBulk : ParallelBatchNode {
    std::size_t n;
    unsigned seed;
    Indices prep(const Store&) const { return Indices{n}; }
    void exec_batch(
        std::span<const std::size_t> items,
        std::span<Result> results,
        const Context& context
    ) const {
        for (std::size_t i = 0; i < items.size(); ++i) {
            const Behaviour behaviour = behaviour_of(static_cast<unsigned>(items[i]), seed);
            if ((items.size() > 1 && behaviour.n_failures > 0)
                || context.attempt() <= behaviour.n_failures) {
                throw std::runtime_error(
                    "item " + std::to_string(items[i]) + " attempt "
                    + std::to_string(context.attempt())
                );
            }
            results[i] = {behaviour.value, static_cast<long>(items[i])};
        }
    }
    Result exec_fallback(std::size_t item, const std::exception& error) const {
        return OneByOne{{}, n, seed}.exec_fallback(item, error);
    }
    void post(Store& shared, BatchResult<Result> result) const {
        shared.set("result", std::move(result));
    }
};

enum class Over { one, all };  // this rank alone, or all that test

/// Everything that may not depend on how the batch was spread, as text.
template <class NodeOfKind>
std::string told(
    std::size_t n,
    unsigned seed,
    ParallelBatchOptions options,
    Over over = Over::all
) {
    std::ostringstream text;
    const bool to_sink = options.sink != nullptr;
    Graph graph{"g"};
    graph.add("items", NodeOfKind{{}, n, seed}, std::move(options));
    Store shared;
    RunReport report;
    try {
        report = over == Over::one ? graph.run(shared, {.report = &report})
                                   : run(graph, shared, {.report = &report});
        const auto& result = shared.get<BatchResult<Result>>("result");
        for (std::size_t item = 0; item < n && !to_sink; ++item) {
            text << item << ":" << static_cast<int>(result.status(item));
            if (result.status(item) == ItemStatus::value) {
                for (const long part : result[item]) {
                    text << " " << part;
                }
            } else {
                text << " " << result.failure(item)->message << " "
                     << result.failure(item)->attempts;
            }
            text << "\n";
        }
    } catch (const std::exception& error) {
        text << "error: " << error.what() << " at " << report.failed->failure.item << "\n";
    }
    const NodeCounts& counts = report.nodes[0].counts;
    text << counts.visits << " " << counts.errors << " " << counts.executions << " "
         << counts.failures << " " << counts.retries << " " << counts.fallbacks << " "
         << counts.items << " " << counts.failed_items;
    return text.str();
}

template <class NodeOfKind>
void check_spreading() {
    const auto n = *rc::gen::weightedOneOf<std::size_t>(
        {{3, rc::gen::inRange<std::size_t>(0, 40)}, {1, rc::gen::inRange<std::size_t>(40, 3000)}}
    );
    const auto seed = *rc::gen::arbitrary<unsigned>();
    const auto max_attempts = *rc::gen::inRange(1, 5);
    const auto waits = *rc::gen::weightedElement<bool>({{5, false}, {1, true}});
    ParallelBatchOptions options{
        .threads = 1,
        .retry = {.max_attempts = max_attempts, .wait = std::chrono::microseconds{waits ? 50 : 0}},
        .on_item_error = *rc::gen::element(ItemErrors::skip, ItemErrors::reject)};
    const std::string expected = told<NodeOfKind>(n, seed, options, Over::one);
    for (const std::size_t threads : {1U, 2U, 4U, 8U}) {
        options.threads = threads;
        options.block = *rc::gen::inRange<std::size_t>(1, 200);
        options.schedule =
            *rc::gen::element(Schedule::static_, Schedule::dynamic, Schedule::stealing);
        RC_ASSERT(told<NodeOfKind>(n, seed, options) == expected);
    }
}

RC_GTEST_PROP(Spreading, LeavesNoTraceOneByOne, ()) {
    check_spreading<OneByOne>();
}
RC_GTEST_PROP(Spreading, LeavesNoTraceInBulk, ()) {
    check_spreading<InBulk>();
}

TEST(Spreading, TheDefaultBlocksLeaveNoTraceEither) {
    const ParallelBatchOptions one{.threads = 1, .on_item_error = ItemErrors::skip};
    const std::string expected = told<OneByOne>(20'000, 7, one, Over::one);
    for (const std::size_t threads : {2U, 4U, 8U}) {
        EXPECT_EQ(
            told<OneByOne>(20'000, 7, {.threads = threads, .on_item_error = ItemErrors::skip}),
            expected
        );
    }
}

RC_GTEST_PROP(Spreading, LeavesNoTraceInASink, ()) {
    const auto n = *rc::gen::inRange<std::size_t>(1, 600);
    const auto seed = *rc::gen::arbitrary<unsigned>();
    const auto block = *rc::gen::inRange<std::size_t>(1, 100);
    const auto written = [&](std::size_t threads, Schedule schedule, Over over) {
        const auto sink = std::make_shared<test::MemorySink>();
        told<OneByOne>(
            n,
            seed,
            {.threads = threads,
             .block = block,
             .schedule = schedule,
             .retry = {.max_attempts = 3},
             .on_item_error = ItemErrors::skip,
             .sink = sink},
            over
        );
        if (over == Over::all) {
            sink->gather_over_ranks();
        }
        return std::tuple{sink->bytes(), sink->ends, sink->is_finished};
    };
    const auto expected = written(1, Schedule::static_, Over::one);
    for (const std::size_t threads : {2U, 4U, 8U}) {
        RC_ASSERT(
            written(threads, *rc::gen::element(Schedule::static_, Schedule::stealing), Over::all)
            == expected
        );
    }
}

}  // namespace
}  // namespace kaygraph
