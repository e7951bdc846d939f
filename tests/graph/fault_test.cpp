// Faults on every rank in turn: all ranks end, with the same message.
#include "support/memory_sink.hpp"
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>
#include <kaygraph/parallel/agreement.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using namespace std::chrono_literals;
using test::ranks;

/// Where a fault is planted.
struct Fault {
    std::string place;
    int rank = 0;

    void maybe(const std::string& here) const {
        if (here == place && ranks().rank() == rank) {
            throw std::runtime_error("planted in " + place);
        }
    }
};

struct Faulty : ParallelBatchNode {
    Fault fault;
    Indices prep(const Store&) const {
        fault.maybe("prep");
        return Indices{64};
    }
    int thread_state() const {
        fault.maybe("thread_state");
        return 0;
    }
    std::size_t exec(std::size_t item, int&) const {
        fault.maybe("exec");
        return item;
    }
    void before_prep(const Store&) const { fault.maybe("before_prep"); }
    void after_exec(const Store&, const BatchResult<std::size_t>&) const {
        fault.maybe("after_exec");
    }
    void post(Store&) const { fault.maybe("post"); }
};

struct FaultyBulk : ParallelBatchNode {
    Fault fault;
    Indices prep(const Store&) const { return Indices{64}; }
    std::size_t row_length() const {
        fault.maybe("row_length");
        return 2;
    }
    void exec_batch(std::span<const std::size_t>, MatrixView<float>) const {
        fault.maybe("exec_batch");
    }
};

struct FaultySink final : Sink {
    Fault fault;
    explicit FaultySink(Fault planted) : fault(std::move(planted)) {}
    void open(const SinkShape&) override { fault.maybe("sink.open"); }
    void write(const Block&, const BlockOutput&) override { fault.maybe("sink.write"); }
    void finish() override { fault.maybe("sink.finish"); }
};

/// Items of one rank are slow, so that others steal them when the error comes.
struct FaultyWhileStealing : ParallelBatchNode {
    Fault fault;
    Indices prep(const Store&) const { return Indices{400}; }
    void exec(std::size_t item) const {
        if (item < 100) {
            std::this_thread::sleep_for(200us);
        }
        if (item % 100 == 60) {
            fault.maybe("exec");
        }
    }
};

/// All ranks must end with one message, which is that of the fault.
void expect_fault_everywhere(const Graph& graph, const std::string& message) {
    Store shared;
    std::string text = "nothing was thrown";
    try {
        graph.run(shared, ranks());
    } catch (const std::exception& error) {
        text = error.what();
    }
    for (const std::string& other : test::all_texts(text)) {
        EXPECT_EQ(other, text);
    }
    test::expect_says(text, message);
}

TEST(Faults, InEveryPhaseOnEveryRank) {
    for (const Schedule schedule : {Schedule::static_, Schedule::stealing}) {
        for (const std::string place :
             {"before_prep", "prep", "thread_state", "exec", "after_exec", "post"}) {
            if (schedule == Schedule::stealing && (place == "exec" || place == "thread_state")) {
                continue;  // others may steal all items of a rank: see WhileOthersSteal
            }
            for (int rank = 0; rank < ranks().size(); ++rank) {
                Graph graph{"g"};
                graph.add(
                    "faulty",
                    Faulty{{}, {place, rank}},
                    {.threads = 2, .block = 1, .schedule = schedule}
                );
                expect_fault_everywhere(graph, "planted in " + place);
            }
        }
    }
}

TEST(Faults, InBulkCallsAndTheirRoom) {
    for (const std::string place : {"row_length", "exec_batch"}) {
        for (int rank = 0; rank < ranks().size(); ++rank) {
            Graph graph{"g"};
            graph.add(
                "faulty",
                FaultyBulk{{}, {place, rank}},
                {.threads = 2, .block = 4, .schedule = Schedule::static_}
            );
            expect_fault_everywhere(graph, "planted in " + place);
        }
    }
}

TEST(Faults, InASink) {
    for (const std::string place : {"sink.open", "sink.write", "sink.finish"}) {
        for (int rank = 0; rank < ranks().size(); ++rank) {
            Graph graph{"g"};
            graph.add(
                "faulty",
                Faulty{},
                {.threads = 2,
                 .block = 4,
                 .schedule = Schedule::static_,
                 .sink = std::make_shared<FaultySink>(Fault{place, rank})}
            );
            expect_fault_everywhere(graph, "planted in " + place);
        }
    }
}

TEST(Faults, InNodesOfEveryOtherKind) {
    struct Single : Node {
        Fault fault;
        void prep(const Store&) const { fault.maybe("prep"); }
        void exec() const { fault.maybe("exec"); }
        void post(Store&) const { fault.maybe("post"); }
    };
    for (const std::string place : {"prep", "exec", "post"}) {
        for (int rank = 0; rank < ranks().size(); ++rank) {
            Graph inner{"inner"};
            inner.add("single", Single{{}, {place, rank}});
            Graph graph{"g"};
            const auto load = graph.add("load", Node{});
            load >> fork(graph.add("inner", std::move(inner)), graph.add("other", Node{}));
            expect_fault_everywhere(graph, "planted in " + place);
        }
    }
}

TEST(Faults, WhileOthersSteal) {
    for (int repetition = 0; repetition < 20; ++repetition) {
        for (int rank = 0; rank < ranks().size(); ++rank) {
            Graph graph{"g"};
            graph.add(
                "faulty", FaultyWhileStealing{{}, {"exec", rank}}, {.threads = 1, .block = 1}
            );
            Store shared;
            std::string text = "none";  // the rank may have had none of these items left
            try {
                graph.run(shared, ranks());
            } catch (const std::exception& error) {
                text = error.what();
            }
            for (const std::string& other : test::all_texts(text)) {
                EXPECT_EQ(other, text);
            }
        }
    }
}

TEST(Faults, AfterThemTheRanksRunAgain) {
    for (int repetition = 0; repetition < 100; ++repetition) {
        Graph graph{"g"};
        graph.add(
            "faulty",
            Faulty{{}, {"exec", repetition % ranks().size()}},
            {.block = 2, .schedule = Schedule::static_}  // each rank has items of its own
        );
        expect_fault_everywhere(graph, "planted in exec");
        Graph sound{"g"};
        sound.add("sound", Faulty{}, {.block = 2});
        Store shared;
        EXPECT_EQ(sound.run(shared, ranks()).nodes[0].counts.items, 64U);
    }
}

}  // namespace
}  // namespace kaygraph
