// A ValidatedNode checks what goes into exec and what comes out. validate_input runs once before the
// attempts and may change the type; validate_output runs once after, on a fallback's result too.
//
// Prints:
//   21 C is 69.8 F
//   refused: -400 C is below absolute zero
#include <kaygraph/kaygraph.hpp>

#include <iostream>
#include <stdexcept>
#include <string>

namespace kg = kaygraph;

struct ToFahrenheit : kg::ValidatedNode {
    std::string prep(const kg::Store& shared) const { return shared.get<std::string>("celsius"); }

    double validate_input(const std::string& text) const {
        const double celsius = std::stod(text);
        if (celsius < -273.15) {
            throw std::domain_error(text + " C is below absolute zero");
        }
        return celsius;
    }

    double exec(double celsius) const { return celsius * 1.8 + 32; }

    double validate_output(double fahrenheit) const {
        if (!(fahrenheit < 1e9)) {
            throw std::range_error("hotter than anything");
        }
        return fahrenheit;
    }

    // post still gets what prep returned.
    void post(kg::Store& shared, const std::string& celsius, double fahrenheit) const {
        std::cout << celsius << " C is " << fahrenheit << " F\n";
        shared.set("fahrenheit", fahrenheit);
    }
};

int main() {
    kg::Graph graph{"temperature"};
    graph.add("convert", ToFahrenheit{});
    for (const std::string celsius : {"21", "-400"}) {
        kg::Store shared;
        shared.set("celsius", celsius);
        try {
            graph.run(shared);
        } catch (const std::domain_error& error) {  // the original exception, whatever lay between
            std::cout << "refused: " << error.what() << "\n";
        }
    }
}
