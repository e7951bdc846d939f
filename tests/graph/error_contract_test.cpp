// One contract for exceptions, on any number of ranks: who catches sees the original where this rank has it,
// and asks for its type, its code, its item and its text in the same way everywhere.
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace kaygraph {
namespace {

using test::all_texts;
using test::ranks;

struct Boom : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct Flop : Boom {
    using Boom::Boom;
};
struct Oops {};  // no std::exception

bool is_last_rank() {
    return ranks().rank() == ranks().size() - 1;
}

/// What a run throws; null for nothing.
std::exception_ptr error_of_run(const Graph& graph, RunReport* report = nullptr) {
    Store shared;
    return caught([&] { graph.run(shared, ranks(), {.report = report}); });
}

template <class T>
void expect_same_on_all_ranks(const T& own) {
    for (const std::string& text : all_texts(::testing::PrintToString(own))) {
        EXPECT_EQ(text, ::testing::PrintToString(own));
    }
}

template <class Exec>
void add_node(Graph& graph, Exec exec) {
    graph.add("fails", node(no_phase, std::move(exec), no_phase));
}

// ---- on_error

TEST(OnErrorOnRanks, SeesTheExceptionThatEveryRankThrew) {
    struct Flaky : Node {
        int exec() const { throw Flop("flaky"); }
        bool on_error(Store&, const std::exception& error) const {
            return dynamic_cast<const Boom*>(&error) != nullptr;
        }
    };
    Graph graph{"g"};
    graph.add("flaky", Flaky{});
    EXPECT_EQ(error_of_run(graph), nullptr);
}

TEST(OnErrorOnRanks, KnowsTheTypeOfAnExceptionOfAnotherRank) {
    struct Flaky : Node {
        void exec() const {
            if (is_last_rank()) {
                throw Flop("flaky");
            }
        }
        bool on_error(Store&, const std::exception& error) const {
            EXPECT_TRUE(is<Flop>(error));
            EXPECT_TRUE(is<Boom>(error));
            EXPECT_TRUE(is<std::runtime_error>(error));
            EXPECT_TRUE(is<std::exception>(error));
            EXPECT_FALSE(is<std::logic_error>(error));
            EXPECT_FALSE(is<Error>(error));  // the stand-in is one, what it stands for is not
            EXPECT_STREQ(error.what(), "flaky");
            return is<Boom>(error);
        }
    };
    Graph graph{"g"};
    graph.add("flaky", Flaky{});
    EXPECT_EQ(error_of_run(graph), nullptr);
}

TEST(OnErrorOnRanks, KnowsTheTypeOfWhatIsNoException) {
    struct Flaky : Node {
        void exec() const {
            if (is_last_rank()) {
                throw Oops{};
            }
        }
        bool on_error(Store&, const std::exception& error) const {
            EXPECT_FALSE(is<int>(error));
            return is<Oops>(error);
        }
    };
    Graph graph{"g"};
    graph.add("flaky", Flaky{});
    EXPECT_EQ(error_of_run(graph), nullptr);
}

struct Placed : Error {
    Placed() : Error(ErrorCode::io, "placed", {.item = 77, .file = "f"}) {}
};

/// Returns the item that on_error is told of where an item of a batch throws.
template <class Thrown>
std::int64_t item_told_of(const Thrown& thrown) {
    std::int64_t told = -2;
    Graph graph{"g", {.on_error = [&](Store&, const std::exception& error) {
                    const auto* known = dynamic_cast<const Error*>(&error);
                    told = known == nullptr ? -3 : known->context().item;
                    return true;
                }}};
    graph.add(
        "items",
        parallel_batch_node(
            [](const Store&) { return Indices{8}; },
            [&](std::size_t item) { return item == 5 ? throw thrown : 1; },
            no_phase
        ),
        {.block = 1}
    );
    EXPECT_EQ(error_of_run(graph), nullptr);
    return told;
}

TEST(OnErrorOnRanks, TheItemIsTheSameOnAllRanks) {
    EXPECT_EQ(
        item_told_of(Placed{}), 77
    );                                   // its own word counts, here and where it is stood in for
    EXPECT_EQ(item_told_of(Oops{}), 5);  // is stood in for everywhere
}

// ---- callers

TEST(ErrorsOnRanks, TheRankThatThrewThrowsItsOwn) {
    Graph graph{"g"};
    add_node(graph, [] {
        if (is_last_rank()) {
            throw Flop("mine");
        }
    });
    const std::exception_ptr error = error_of_run(graph);
    EXPECT_TRUE(is<Boom>(error));
    try {
        std::rethrow_exception(error);
    } catch (const Flop& own) {
        EXPECT_TRUE(is_last_rank());
    } catch (const OpaqueError& other) {
        EXPECT_FALSE(is_last_rank());
        EXPECT_STREQ(other.what(), "mine");
        EXPECT_EQ(other.types().own_name(), "kaygraph::(anonymous namespace)::Flop");
    }
}

TEST(ErrorsOnRanks, AnErrorOfTheLibraryIsTheSameClassEverywhere) {
    Graph graph{"g"};
    add_node(graph, [] {
        if (is_last_rank()) {
            throw FormatError(
                ErrorCode::truncated, "too short", {.file = "data.npy", .offset = 128}
            );
        }
    });
    const std::exception_ptr error = error_of_run(graph);
    EXPECT_TRUE(is<FormatError>(error));
    EXPECT_FALSE(is<IoError>(error));
    try {
        std::rethrow_exception(error);
    } catch (const FormatError& again) {
        EXPECT_EQ(again.code(), ErrorCode::truncated);
        EXPECT_STREQ(again.what(), "too short [file 'data.npy', offset 128]");
        EXPECT_EQ(again.context().file, "data.npy");
        EXPECT_EQ(again.context().offset, 128);
    }
}

TEST(ErrorsOnRanks, OfABatchHaveTheirLowestItemAndClass) {
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        int exec(std::size_t item) const {
            return item < 7 ? 1 : throw Boom("item " + std::to_string(item));
        }
    };
    for (const ErrorBudget budget : {ErrorBudget{}, ErrorBudget{.count = 3}}) {
        Graph graph{"g"};
        graph.add(
            "items",
            Items{},
            {.threads = 2, .block = 5, .on_item_error = ItemErrors::skip, .max_errors = budget}
        );
        RunReport report;
        const std::exception_ptr error = error_of_run(graph, &report);
        if (!budget.count) {
            EXPECT_EQ(error, nullptr);  // some items have values
            continue;
        }
        try {
            std::rethrow_exception(error);
        } catch (const NodeError& failed) {
            EXPECT_EQ(failed.code(), ErrorCode::error_budget);
            EXPECT_GE(failed.context().item, 7);
            EXPECT_EQ(failed.context().item, report.failed->failure.item);
            expect_same_on_all_ranks(failed.what());
            try {
                std::rethrow_if_nested(failed);
                ADD_FAILURE() << "nothing is nested";
            } catch (const std::exception& first) {
                EXPECT_TRUE(is<Boom>(first));
            }
        }
    }
}

TEST(ErrorsOnRanks, OfItemsAreKnownByTypeInPost) {
    struct Items : ParallelBatchNode {
        Indices prep(const Store&) const { return Indices{100}; }
        int exec(std::size_t item) const {
            if (item % 10 != 3) {
                return 1;
            }
            if (item % 20 == 3) {
                throw Flop("flop");
            }
            throw StoreError(ErrorCode::missing_key, "no key");
        }
        void post(Store&, const BatchResult<int>& results) const {
            ASSERT_EQ(results.n_failed(), 10U);
            EXPECT_TRUE(is<Boom>(*results.failure(3)));
            EXPECT_FALSE(is<StoreError>(*results.failure(3)));
            EXPECT_TRUE(is<StoreError>(*results.failure(13)));
            const std::exception_ptr flop = caught([&] { (void)results[3]; });
            EXPECT_TRUE(is<Flop>(flop));
            EXPECT_THROW((void)results[13], StoreError);
        }
    };
    Graph graph{"g"};
    graph.add("items", Items{}, {.block = 1, .on_item_error = ItemErrors::skip});
    EXPECT_EQ(error_of_run(graph), nullptr);
}

TEST(ErrorsOnRanks, OfANestedGraphAreReportedAlike) {
    Graph inner{"inner"};
    add_node(inner, [] {
        if (is_last_rank()) {
            throw Boom("deep");
        }
    });
    Graph graph{"g"};
    graph.add("nested", std::move(inner));
    RunReport report;
    EXPECT_TRUE(is<Boom>(error_of_run(graph, &report)));
    ASSERT_TRUE(report.failed);
    EXPECT_EQ(report.failed->node, "nested/fails");
    EXPECT_EQ(report.failed->phase, "exec");
    EXPECT_EQ(report.failed->rank, ranks().size() - 1);
    EXPECT_EQ(report.failed->failure.message, "deep");
    EXPECT_TRUE(is<Boom>(report.failed->failure));
}

TEST(Errors, AWhatThatIsNullIsATextToo) {
    struct NullWhat : std::exception {
        const char* what() const noexcept override { return nullptr; }
    };
    Graph graph{"g"};
    graph.add(
        "items",
        parallel_batch_node(
            [](const Store&) { return Indices{4}; },
            [](std::size_t) -> int { throw NullWhat{}; },
            no_phase
        )
    );
    RunReport report;
    EXPECT_TRUE(is<NullWhat>(error_of_run(graph, &report)));
    EXPECT_EQ(report.failed->failure.message, "an exception whose what() is null");
    EXPECT_EQ(text_with_place(NullWhat{}, {}), "");
}

}  // namespace
}  // namespace kaygraph
