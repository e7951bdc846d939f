// Summaries instead of full results: exec reduces each item to a few numbers, and scratch memory is made
// once a thread, not once an item. A million samples go in, twelve numbers a month come out.
//
// Prints:
//   month 1: mean 49.50, max 99
//   month 12: mean 49.50, max 99
#include <kaygraph/kaygraph.hpp>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

namespace kg = kaygraph;

struct Summary {
    double mean;
    int max;
};

struct Summarise : kg::ParallelBatchNode {
    kg::Indices prep(const kg::Store&) const { return kg::Indices{12}; }

    // One buffer a thread; it keeps its memory from month to month.
    std::vector<int> thread_state() const { return {}; }

    Summary exec(std::size_t month, std::vector<int>& samples) const {
        read_samples(month, samples);
        return {
            std::accumulate(samples.begin(), samples.end(), 0.0)
                / static_cast<double>(samples.size()),
            *std::max_element(samples.begin(), samples.end())};
    }

    void post(kg::Store& shared, kg::BatchResult<Summary> months) const {
        shared.set("months", std::move(months).take_values());
    }

private:
    static void read_samples(std::size_t month, std::vector<int>& samples) {
        samples.resize(80'000);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            samples[i] = static_cast<int>((i + month) % 100);
        }
    }
};

int main() {
    kg::Graph graph{"summaries"};
    graph.add("summarise", Summarise{});
    kg::Store shared;
    graph.run(shared);
    const auto& months = shared.get<std::vector<Summary>>("months");
    for (const std::size_t month : {1U, 12U}) {
        std::printf(
            "month %zu: mean %.2f, max %d\n", month, months[month - 1].mean, months[month - 1].max
        );
    }
}
