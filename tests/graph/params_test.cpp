// Semantics, section "Graphs over parameter sets": params and config of plain graphs.
#include "support/ranks.hpp"
#include "support/throws.hpp"

#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kaygraph {
namespace {

using test::run;

/// Notes what params and config it sees, in prep, exec and post.
struct Sees : Node {
    std::string name;
    std::string prep(const Store&, const Context& context) const { return said(context); }
    std::string exec(const std::string& in_prep, const Context& context) const {
        EXPECT_EQ(in_prep, said(context));
        return in_prep;
    }
    void post(Store& shared, const std::string& in_exec, const Context& context) const {
        EXPECT_EQ(in_exec, said(context));
        shared.set(name, in_exec);
    }
    static std::string said(const Context& context) {
        return "p=" + context.params().get_or<std::string>("p", "-")
               + " q=" + context.params().get_or<std::string>("q", "-")
               + " c=" + context.config().get_or<std::string>("c", "-");
    }
};
Sees sees(const std::string& name) {
    return {{}, name};
}

// = In a plain graph every node of a walk, nested graphs included, gets exactly the graph's params; a node's
//   own params are replaced for the run, not merged, and restored after.

TEST(Params, EveryNodeOfAWalkGetsExactlyTheGraphs) {
    Graph inner{"inner", {.params = {{"p", "inner"}, {"q", "inner"}}}};
    inner.add("nested", sees("nested"), {.params = {{"q", "node"}}});
    Graph outer{"outer", {.params = {{"p", "outer"}}}};
    const auto own = outer.add("own", sees("own"), {.params = {{"p", "node"}, {"q", "node"}}});
    own >> outer.add("inner", std::move(inner));
    Store shared;
    run(outer, shared);
    EXPECT_EQ(shared.get<std::string>("own"), "p=outer q=- c=-");     // replaced, not merged
    EXPECT_EQ(shared.get<std::string>("nested"), "p=outer q=- c=-");  // nested graphs included
    run(own, shared);
    EXPECT_EQ(shared.get<std::string>("own"), "p=node q=node c=-");  // its own are still there
}

TEST(Params, MayBeSetThroughAHandle) {
    Graph graph{"g"};
    const auto node = graph.add("node", sees("node"));
    node.set_params({{"p", "set"}});
    Store shared;
    run(node, shared);
    EXPECT_EQ(shared.get<std::string>("node"), "p=set q=- c=-");
}

// = Config: a graph hands its config to nodes whose own is empty.

TEST(Config, AGraphHandsItsOwnToNodesThatHaveNone) {
    Graph inner{"inner"};
    inner.add("deep", sees("deep"));
    Graph configured{"configured", {.config = {{"c", "inner"}}}};
    configured.add("deep in configured", sees("deep in configured"));
    Graph outer{"outer", {.config = {{"c", "outer"}}}};
    const auto plain = outer.add("plain", sees("plain"));
    plain >> outer.add("own", sees("own"), {.config = {{"c", "node"}}})
        >> outer.add("inner", std::move(inner)) >> outer.add("configured", std::move(configured));
    Store shared;
    run(outer, shared);
    EXPECT_EQ(shared.get<std::string>("plain"), "p=- q=- c=outer");
    EXPECT_EQ(shared.get<std::string>("own"), "p=- q=- c=node");
    EXPECT_EQ(shared.get<std::string>("deep"), "p=- q=- c=outer");
    EXPECT_EQ(shared.get<std::string>("deep in configured"), "p=- q=- c=inner");
    plain.set_config({{"c", "set"}});
    run(plain, shared);
    EXPECT_EQ(shared.get<std::string>("plain"), "p=- q=- c=set");
}

TEST(Config, ANodeThatRunsAloneHasItsGraphsToo) {
    Graph graph{"g", {.config = {{"c", "graph"}}}};
    const auto node = graph.add("node", sees("node"));
    Store shared;
    run(node, shared);
    EXPECT_EQ(shared.get<std::string>("node"), "p=- q=- c=graph");
}

}  // namespace
}  // namespace kaygraph
