// A BatchNode runs exec once for each item that prep returns, one after another and in order. Retry and
// fallback belong to the item: one that fails for good gets what exec_fallback returns.
//
// Prints:
//   10: attempt 1
//   x7: not a number: -1
//   30: attempt 2
#include <kaygraph/kaygraph.hpp>

#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace kg = kaygraph;
using namespace std::chrono_literals;

struct Parse : kg::BatchNode {
    std::vector<std::string> prep(const kg::Store& shared) const {
        return shared.get<std::vector<std::string>>("lines");
    }

    std::string exec(const std::string& line, const kg::Context& context) const {
        if (line == "30" && context.attempt() == 1) {
            throw std::runtime_error("the network was busy");  // a second attempt succeeds
        }
        std::stoi(line);  // throws for what is no number, every time
        return line + ": attempt " + std::to_string(context.attempt());
    }

    std::string exec_fallback(const std::string& line, const std::exception&) const {
        return line + ": not a number: -1";
    }

    void post(
        kg::Store& shared,
        const std::vector<std::string>&,
        kg::BatchResult<std::string> results
    ) const {
        shared.set("results", std::move(results).take_values());
    }
};

int main() {
    kg::Graph graph{"batch"};
    graph.add(
        "parse",
        Parse{},
        {.retry = {.max_attempts = 3, .wait = 1ms, .backoff = kg::Backoff::exponential}}
    );

    kg::Store shared;
    shared.set("lines", std::vector<std::string>{"10", "x7", "30"});
    graph.run(shared);
    for (const std::string& result : shared.get<std::vector<std::string>>("results")) {
        std::cout << result << "\n";
    }
}
