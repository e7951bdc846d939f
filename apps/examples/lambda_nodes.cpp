// Nodes from functions, for small jobs: prep, exec and post as lambdas. kg::no_phase stands for a phase
// that is not needed.
//
// Prints:
//   sum of squares: 385
#include <kaygraph/kaygraph.hpp>

#include <iostream>
#include <numeric>
#include <vector>

namespace kg = kaygraph;

int main() {
    kg::Graph graph{"lambdas"};
    const auto numbers = graph.add(
        "numbers",
        kg::node(
            kg::no_phase,
            [] {
                std::vector<int> made(10);
                std::iota(made.begin(), made.end(), 1);
                return made;
            },
            [](kg::Store& shared, std::vector<int> made) { shared.set("numbers", std::move(made)); }
        )
    );
    const auto squares = graph.add(
        "squares",
        kg::parallel_batch_node(
            [](const kg::Store& shared) {
                return std::span{shared.get<std::vector<int>>("numbers")};
            },
            [](int x) { return x * x; },
            [](kg::Store& shared, const kg::BatchResult<int>& results) {
                const auto values = results.values();
                shared.set("sum", std::accumulate(values.begin(), values.end(), 0));
            }
        )
    );
    numbers >> squares;

    kg::Store shared;
    graph.run(shared);
    std::cout << "sum of squares: " << shared.get<int>("sum") << "\n";
}
