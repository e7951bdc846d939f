// Bulk instead of one by one: exec_batch gets a block of items and a matrix for their rows, so that one
// call can be vectorised and no item costs an allocation. A block that throws is done again item by
// item: one bad item costs one item.
//
// Prints:
//   5 x 4, 1 failed
//   row 2: 2 4 8 16
//   row 3: 0 0 0 0
#include <kaygraph/kaygraph.hpp>

#include <cmath>
#include <iostream>
#include <span>
#include <stdexcept>
#include <vector>

namespace kg = kaygraph;

struct Powers : kg::ParallelBatchNode {
    std::vector<float> prep(const kg::Store& shared) const {
        return shared.get<std::vector<float>>("numbers");
    }

    std::size_t row_length() const { return 4; }

    void exec_batch(std::span<const float> numbers, kg::MatrixView<float> rows) const {
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            if (std::isnan(numbers[i])) {
                throw std::domain_error("not a number");
            }
            float power = 1;
            for (float& element : rows.row(i)) {
                element = power *= numbers[i];
            }
        }
    }

    void post(kg::Store& shared, kg::BatchRows<float> rows) const {
        shared.set("rows", std::move(rows));
    }
};

int main() {
    kg::Graph graph{"bulk"};
    graph.add("powers", Powers{}, {.on_item_error = kg::ItemErrors::skip});
    kg::Store shared;
    shared.set("numbers", std::vector<float>{0, 1, 2, std::nanf(""), 4});
    graph.run(shared);

    const auto& rows = shared.get<kg::BatchRows<float>>("rows");
    std::cout << rows.matrix().rows() << " x " << rows.matrix().cols() << ", " << rows.n_failed()
              << " failed\n";
    for (const std::size_t i : {2U, 3U}) {
        std::cout << "row " << i << ":";
        for (const float element : rows.row(i)) {
            std::cout << " " << element;
        }
        std::cout << "\n";
    }
}
