// What phases may look like, and validated nodes (semantics, section "Validated and metrics nodes").
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::run;
using test::thrown;

Store run_one(auto node) {
    Graph graph{"g"};
    graph.add("node", std::move(node));
    Store shared;
    shared.set("text", std::string(100, 'x'));
    run(graph, shared);
    return shared;
}

TEST(Phases, PostTakesWhatItWants) {
    struct StoreOnly : Node {
        int prep(const Store&) const { return 1; }
        int exec(int) const { return 2; }
        void post(Store& shared) const { shared.set("got", 0); }
    };
    struct ResultOnly : Node {
        int prep(const Store&) const { return 1; }
        int exec(int) const { return 2; }
        void post(Store& shared, int result) const { shared.set("got", result); }
    };
    struct PrepOnly : Node {
        int prep(const Store&) const { return 1; }
        void post(Store& shared, int prepared) const { shared.set("got", prepared); }
    };
    struct Everything : Node {
        int prep(const Store&, const Context&) const { return 1; }
        int exec(int, const Context&) const { return 2; }
        Action post(Store& shared, int prepared, int result, const Context&) const {
            shared.set("got", 10 * prepared + result);
            return {};
        }
    };
    EXPECT_EQ(run_one(StoreOnly{}).get<int>("got"), 0);
    EXPECT_EQ(run_one(ResultOnly{}).get<int>("got"), 2);
    EXPECT_EQ(run_one(PrepOnly{}).get<int>("got"), 1);
    EXPECT_EQ(run_one(Everything{}).get<int>("got"), 12);
}

TEST(Phases, PrepMayReferToTheStore) {
    struct Refers : Node {
        const std::string& prep(const Store& shared) const {
            return shared.get<std::string>("text");
        }
        const std::string* exec(const std::string& text) const { return &text; }
        void post(Store& shared, const std::string& text, const std::string* seen) const {
            EXPECT_EQ(&text, seen);  // never copied
            EXPECT_EQ(&text, &shared.get<std::string>("text"));
        }
    };
    run_one(Refers{});
}

TEST(Phases, ResultsAreMovedNotCopied) {
    struct Moves : Node {
        std::unique_ptr<int> prep(const Store&) const { return std::make_unique<int>(1); }
        std::unique_ptr<int> exec(const std::unique_ptr<int>& input) const {
            return std::make_unique<int>(*input + 1);
        }
        void post(Store& shared, const std::unique_ptr<int>&, std::unique_ptr<int> result) const {
            shared.set("got", std::move(result));
        }
    };
    EXPECT_EQ(*run_one(Moves{}).get<std::unique_ptr<int>>("got"), 2);
}

TEST(Phases, LambdasAreNodesToo) {
    const Store shared = run_one(node(
        [](const Store& s) { return s.get<std::string>("text").size(); },
        [](auto n) { return n * 2; },
        [](Store& s, auto, auto doubled) { s.set("got", doubled); }
    ));
    EXPECT_EQ(shared.get<std::size_t>("got"), 200U);
    const Store none = run_one(node(no_phase, no_phase, [](Store& s) { s.set("got", 1); }));
    EXPECT_EQ(none.get<int>("got"), 1);
    const Store items = run_one(batch_node(
        [](const Store&) {
            return std::vector<int>{1, 2, 3};
        },
        [](int x) { return x * x; },
        [](Store& s, const auto&, const auto& results) { s.set("got", results[2]); }
    ));
    EXPECT_EQ(items.get<int>("got"), 9);
}

TEST(Phases, ANodeIsTestedWithoutTheFramework) {
    struct Scale : Node {
        double exec(double x, const Context& context) const {
            return x * context.params().get<double>("factor");
        }
    };
    const Params params{{"factor", 3}};
    const Context context{{.params = &params}};
    EXPECT_EQ(Scale{}.exec(2, context), 6.0);
    EXPECT_EQ(Context{}.params().size(), 0U);
    EXPECT_FALSE(Context{}.stop_requested());
    Context{}.log().warn("", "nowhere");
}

TEST(Phases, AContextThrowsWhereTheRunIsToStop) {
    const StopSource source;
    const StopToken token = source.token();
    const Context context{{.node = "long", .stop = &token}};
    EXPECT_NO_THROW(context.throw_if_stopped());
    source.request_stop();
    test::expect_says(thrown<Stopped>([&] { context.throw_if_stopped(); }), "node 'long'");
}

// = validate_input once before the attempts, its value replaces the input of exec and fallback;
//   validate_output once after, on a fallback's result too; neither is retried; post still gets the original
//   prep result.

struct Checked : ValidatedNode {
    std::vector<std::string>* trace;
    int n_failures = 0;
    std::string prep(const Store&) const { return "42"; }
    int validate_input(const std::string& text) const {
        trace->push_back("validate_input");
        return std::stoi(text);
    }
    int exec(int number, const Context& context) const {
        trace->push_back("exec");
        return context.attempt() <= n_failures ? throw std::runtime_error("x") : number + 1;
    }
    int exec_fallback(int number, const std::exception&) const {
        trace->push_back("fallback");
        return -number;
    }
    std::string validate_output(int number) const {
        trace->push_back("validate_output");
        return number == 0 ? throw std::range_error("zero") : std::to_string(number);
    }
    void post(Store& shared, const std::string& original, std::string result) const {
        shared.set("original", original);
        shared.set("result", result);
    }
};

TEST(ValidatedNode, ValidatesOnceOnBothSides) {
    std::vector<std::string> trace;
    Graph graph{"g"};
    graph.add("checked", Checked{{}, &trace, 2}, {.retry = {.max_attempts = 3}});
    Store shared;
    run(graph, shared);
    EXPECT_EQ(
        trace,
        (std::vector<std::string>{"validate_input", "exec", "exec", "exec", "validate_output"})
    );
    EXPECT_EQ(shared.get<std::string>("original"), "42");
    EXPECT_EQ(shared.get<std::string>("result"), "43");
}

TEST(ValidatedNode, ValidatesAFallbacksResultToo) {
    std::vector<std::string> trace;
    Graph graph{"g"};
    graph.add("checked", Checked{{}, &trace, 9}, {.retry = {.max_attempts = 2}});
    Store shared;
    run(graph, shared);
    EXPECT_EQ(
        trace,
        (std::vector<std::string>{"validate_input", "exec", "exec", "fallback", "validate_output"})
    );
    EXPECT_EQ(shared.get<std::string>("result"), "-42");
}

TEST(ValidatedNode, ValidationIsNotRetried) {
    struct Invalid : ValidatedNode {
        bool in_input;
        int* n_calls;
        [[nodiscard]] int fail(const char* where) const {
            ++*n_calls;
            throw std::range_error(where);
        }
        int prep(const Store&) const { return 1; }
        int validate_input(int x) const { return in_input ? fail("input") : x; }
        int exec(int x) const { return x; }
        int exec_fallback(int, const std::exception&) const { return 0; }
        int validate_output(int x) const { return in_input ? x : fail("output"); }
    };
    for (const bool in_input : {true, false}) {
        int n_calls = 0;
        Graph graph{"g"};
        graph.add("invalid", Invalid{{}, in_input, &n_calls}, {.retry = {.max_attempts = 3}});
        Store shared;
        EXPECT_EQ(
            thrown<std::range_error>([&] { run(graph, shared); }), in_input ? "input" : "output"
        );
        EXPECT_EQ(n_calls, 1);
    }
}

}  // namespace
}  // namespace kaygraph
