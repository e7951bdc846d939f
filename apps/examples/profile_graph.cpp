// A graph that records times every node and phase, without a change to the nodes, and its report finds
// the critical path: what no number of cores can make shorter.
//
// Prints:
//   graph 'profile': * last action 'default'
//   node   kind               visits     items retries  errors     time      p50      p99
//   read   Node                    1         0       0       0 *
//   score  ParallelBatchNode       1      2000       0       0 *
//   sum    Node                    1         0       0       0 *
//   critical path * of * work: read *
//   most time: read
#include <kaygraph/kaygraph.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <numeric>
#include <thread>
#include <vector>

namespace kg = kaygraph;
using namespace std::chrono_literals;

struct Read : kg::Node {
    std::vector<double> exec() const {
        std::this_thread::sleep_for(50ms);  // a slow disk
        std::vector<double> numbers(2000);
        std::iota(numbers.begin(), numbers.end(), 0.0);
        return numbers;
    }
    void post(kg::Store& shared, std::vector<double> numbers) const {
        shared.set("numbers", std::move(numbers));
    }
};

struct Score : kg::ParallelBatchNode {
    auto prep(const kg::Store& shared) const {
        return std::span{shared.get<std::vector<double>>("numbers")};
    }
    double exec(double number) const { return std::sqrt(number) * std::sin(number); }
    void post(kg::Store& shared, kg::BatchResult<double> scores) const {
        shared.set("scores", std::move(scores));
    }
};

struct Sum : kg::Node {
    auto prep(const kg::Store& shared) const {
        return shared.get<kg::BatchResult<double>>("scores").values();
    }
    double exec(std::span<const double> scores) const {
        return std::accumulate(scores.begin(), scores.end(), 0.0);
    }
    void post(kg::Store& shared, double sum) const { shared.set("sum", sum); }
};

int main() {
    kg::Graph graph{"profile"};
    graph.add("read", Read{}) >> graph.add("score", Score{}) >> graph.add("sum", Sum{});
    graph.record(kg::Metrics::on);

    kg::Store shared;
    const kg::RunReport report = graph.run(shared);
    std::cout << to_text(report) << "most time: " << report.critical_nodes.front().node << "\n";
}
