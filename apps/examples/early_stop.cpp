// Two ways for a batch to end early: an error budget, which gives up when too much fails, and stop_when,
// which has found what it was looking for.
//
// Prints:
//   gave up: * of 100000 items failed, max_errors allows 100; the first is item *
//   found a multiple of 7919 at *; not all of the rest ran
#include <kaygraph/kaygraph.hpp>

#include <iostream>
#include <stdexcept>
#include <string>

namespace kg = kaygraph;

struct Check : kg::ParallelBatchNode {
    kg::Indices prep(const kg::Store&) const { return kg::Indices{100'000}; }
    long exec(std::size_t item) const {
        if (item % 50 == 49) {
            throw std::runtime_error("record " + std::to_string(item) + " is damaged");
        }
        return static_cast<long>(item) + 1;
    }
    void post(kg::Store& shared, const kg::BatchResult<long>& results) const {
        if (results.stop_item()) {
            std::cout << "found a multiple of 7919 at " << results[*results.stop_item()]
                      << (results.n_not_run() > 0 ? "; not all of the rest ran\n" : "\n");
        }
        shared.set("n_values", results.n_values());
    }
};

int main() {
    kg::Store shared;

    kg::Graph strict{"strict"};
    strict.add(
        "check", Check{}, {.on_item_error = kg::ItemErrors::skip, .max_errors = {.count = 100}}
    );
    try {
        strict.run(shared);
    } catch (const kg::NodeError& error) {
        std::cout << "gave up: " << error.what() << "\n";
    }

    kg::Graph search{"search"};
    search.add(
        "check",
        Check{},
        {.on_item_error = kg::ItemErrors::skip,
         .stop_when =
             [](const long& number) {
                 return number % 7919 == 0;
             }}
    );
    search.run(shared);
}
