#include <kaygraph/base/decimal.hpp>
#include <kaygraph/graph/benchmark.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace kaygraph {

BenchmarkResult benchmark(
    const GraphBase& graph,
    const Store& store,
    std::size_t iterations,
    const RunOptions& options
) {
    if (iterations == 0) {
        throw ArgumentError("benchmark was asked for 0 iterations; write 1 or more");
    }
    BenchmarkResult result{.iterations = iterations};
    std::vector<double> times;
    for (std::size_t i = 0; i <= iterations; ++i) {
        Store fresh = store;
        const RunReport report = graph.run(fresh, options);
        if (i > 0) {  // the first warms up
            times.push_back(report.elapsed.count());
        }
        result.threads = report.threads;
        result.ranks = report.ranks;
    }
    std::sort(times.begin(), times.end());
    const auto n = static_cast<double>(times.size());
    double sum = 0;
    for (const double time : times) {
        sum += time;
    }
    const double mean = sum / n;
    double squares = 0;
    for (const double time : times) {
        squares += (time - mean) * (time - mean);
    }
    const std::size_t middle = times.size() / 2;
    result.mean = Seconds{mean};
    result.median =
        Seconds{times.size() % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2};
    result.min = Seconds{times.front()};
    result.max = Seconds{times.back()};
    result.standard_deviation = Seconds{times.size() < 2 ? 0.0 : std::sqrt(squares / (n - 1))};
    return result;
}

std::string to_text(const BenchmarkResult& result) {
    const auto seconds = [](Seconds time) {
        return fixed_decimal(time.count(), 6) + " s";
    };
    return std::to_string(result.iterations) + " runs on " + std::to_string(result.ranks) + " x "
           + std::to_string(result.threads) + " threads: median " + seconds(result.median)
           + ", mean " + seconds(result.mean) + ", min " + seconds(result.min) + ", max "
           + seconds(result.max) + ", deviation " + seconds(result.standard_deviation);
}

}  // namespace kaygraph
