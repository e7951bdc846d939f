// A MetricsNode is timed in every run; its handle tells the figures of all runs so far. The other nodes
// of the graph cost nothing for it.
//
// Prints:
//   executions 100, success rate 0.90, retries 10
//   average *, p99 *
#include <kaygraph/kaygraph.hpp>

#include <cstdio>
#include <iostream>
#include <stdexcept>

namespace kg = kaygraph;

struct Lookup : kg::MetricsNode {
    int prep(const kg::Store& shared) const { return shared.get<int>("i"); }
    int exec(int i) const {
        if (i % 10 == 0) {
            throw std::runtime_error("not found");
        }
        return i * i;
    }
    bool on_error(kg::Store&, const std::exception&) const { return true; }  // go on without it
};

int main() {
    kg::Graph graph{"lookups"};
    const auto lookup = graph.add("lookup", Lookup{}, {.retry = {.max_attempts = 2}});
    for (int i = 0; i < 100; ++i) {
        kg::Store shared;
        shared.set("i", i);
        graph.run(shared);
    }
    const kg::NodeStats stats = lookup.stats();
    std::printf(
        "executions %lu, success rate %.2f, retries %lu\n",
        stats.total_executions(),
        stats.success_rate(),
        stats.total_retries()
    );
    std::cout << "average " << stats.avg_execution_time().count() * 1e6 << " us, p99 "
              << stats.p99_execution_time().count() * 1e6 << " us\n";
}
