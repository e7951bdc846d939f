// A BatchGraph walks its nodes once for each of a list of parameter sets, here in parallel: each walk sees
// the store as it was plus its own writes, and what they wrote is joined in the order of the sets.
//
// Prints:
//   north: 2 stations, mean 5
//   south: 3 stations, mean 20
#include <kaygraph/kaygraph.hpp>

#include <iostream>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace kg = kaygraph;
using Stations = std::map<std::string, std::vector<double>>;

struct Average : kg::Node {
    std::vector<double> prep(const kg::Store& shared, const kg::Context& context) const {
        return shared.get<Stations>("stations").at(context.params().get<std::string>("region"));
    }
    double exec(const std::vector<double>& values) const {
        return std::accumulate(values.begin(), values.end(), 0.0)
               / static_cast<double>(values.size());
    }
    void post(
        kg::Store& shared,
        const std::vector<double>& values,
        double mean,
        const kg::Context& context
    ) const {
        const auto region = context.params().get<std::string>("region");
        shared.set(
            "report " + region,
            std::to_string(values.size()) + " stations, mean "
                + std::to_string(static_cast<int>(mean))
        );
    }
};

int main() {
    kg::BatchGraph regions{
        "regions",
        {.parameter_sets =
             [](const kg::Store& shared) {
                 std::vector<kg::Params> sets;
                 for (const auto& [region, values] : shared.get<Stations>("stations")) {
                     sets.push_back({{"region", region}});
                 }
                 return sets;
             },
         .parallel = kg::ParallelWalks{}}};
    regions.add("average", Average{});

    kg::Store shared;
    shared.set("stations", Stations{{"north", {4, 6}}, {"south", {10, 20, 30}}});
    regions.run(shared);
    for (const std::string region : {"north", "south"}) {
        std::cout << region << ": " << shared.get<std::string>("report " + region) << "\n";
    }
}
