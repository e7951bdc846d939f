// graph.to_mermaid() and to_dot() draw loops, nested graphs and forks.
#include <kaygraph/kaygraph.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace kaygraph {
namespace {

struct Items : ParallelBatchNode {
    Indices prep(const Store&) const { return Indices{1}; }
    void exec(std::size_t) const {}
};

Graph example() {
    Graph inner{"inner"};
    const auto loop = inner.add("loop", Node{});
    loop.on("again") >> loop;
    Graph graph{"the \"whole\""};
    const auto load = graph.add("load \"it\"", Node{});
    const auto nested = graph.add("nested", std::move(inner));
    load >> fork(nested, graph.add("items", Items{})) >> graph.add("end", Node{});
    return graph;
}

TEST(Draw, Mermaid) {
    EXPECT_EQ(example().to_mermaid(), R"(flowchart TD
  n0["load #quot;it#quot;<br/>Node"]
  subgraph n1["nested<br/>Graph"]
    n1_0["loop<br/>Node"]
    n1_start((" "))
    n1_start --> n1_0
    n1_0 -->|"again"| n1_0
  end
  n2{{"items<br/>ParallelBatchNode"}}
  n3{"fork(nested, items)<br/>fork"}
  n4["end<br/>Node"]
  nstart((" "))
  nstart --> n0
  n0 --> n3
  n3 --> n1
  n3 --> n2
  n1 -. join .-> n4
  n2 -. join .-> n4
)");
}

TEST(Draw, Dot) {
    EXPECT_EQ(example().to_dot(), R"(digraph "the \"whole\"" {
  compound=true;
  node [shape=box];
  n0 [label="load \"it\"\nNode"];
  subgraph cluster_n1 {
    label="nested\nGraph";
    n1 [shape=point, style=invis];
    n1_0 [label="loop\nNode"];
    n1_start [shape=point];
    n1_start -> n1_0;
    n1_0 -> n1_0 [label="again"];
  }
  n2 [label="items\nParallelBatchNode", shape=hexagon];
  n3 [label="fork(nested, items)\nfork", shape=diamond];
  n4 [label="end\nNode"];
  nstart [shape=point];
  nstart -> n0;
  n0 -> n3;
  n3 -> n1;
  n3 -> n2;
  n1 -> n4 [style=dotted, label="join"];
  n2 -> n4 [style=dotted, label="join"];
}
)");
}

TEST(Draw, AnUnsoundGraphIsDrawnToo) {
    Graph graph{"g"};
    EXPECT_EQ(graph.to_mermaid(), "flowchart TD\n");
    graph.add("island", Node{});
    graph.add("island", Node{});
    EXPECT_NE(graph.to_dot().find("n1"), std::string::npos);
}

TEST(Draw, AForkInABranchJoinsBeforeTheOuterOne) {
    Graph graph{"g"};
    const auto start = graph.add("start", Node{});
    const auto left = graph.add("left", Node{});
    const auto right = graph.add("right", Node{});
    start >> fork(left, right) >> graph.add("end", Node{});
    left >> fork(graph.add("ll", Node{}), graph.add("lr", Node{})) >> graph.add("left end", Node{});
    const std::string dot = graph.to_dot();
    const auto n_joins_to = [&](const std::string& node) {
        std::size_t n = 0;
        for (std::size_t at = dot.find("-> " + node + " [style=dotted"); at != std::string::npos;
             at = dot.find("-> " + node + " [style=dotted", at + 1)) {
            ++n;
        }
        return n;
    };
    EXPECT_EQ(n_joins_to("n4"), 2U) << dot;  // end: behind right and left end
    EXPECT_EQ(n_joins_to("n8"), 2U) << dot;  // left end: behind ll and lr
}

}  // namespace
}  // namespace kaygraph
