// More data than memory: an item source makes the items of a block when a worker wants them, and a sink
// takes the results as they are made. Memory holds a block a worker, whatever the size.
//
// Prints:
//   wrote 2000000 rows of 8 bytes in * blocks
//   row 1234567 is 1111.11
#include <kaygraph/kaygraph.hpp>

#include <atomic>
#include <cmath>
#include <iostream>
#include <memory>
#include <vector>

namespace kg = kaygraph;

// Where the items come from: here they are made, in earnest they are read from a file.
struct Samples {
    using Item = double;
    std::size_t size() const { return 2'000'000; }
    void read(std::size_t first, std::size_t count, std::vector<double>& items) const {
        items.clear();
        for (std::size_t i = 0; i < count; ++i) {
            items.push_back(static_cast<double>(first + i));
        }
    }
};

// Where the results go: here one row is kept, in earnest a block is written at its place in a file.
class CountingSink final : public kg::Sink {
public:
    void open(const kg::SinkShape& shape) override { shape_ = shape; }
    void write(const kg::Block& block, const kg::BlockOutput& output) override {  // by many threads
        ++n_blocks_;
        constexpr std::size_t wanted = 1'234'567;
        if (block.first <= wanted && wanted < block.first + block.count) {
            kept_ = reinterpret_cast<const double*>(output.bytes.data())[wanted - block.first];
        }
    }
    void finish() override {
        std::cout << "wrote " << shape_.n_items << " rows of " << shape_.row_bytes << " bytes in "
                  << n_blocks_ << " blocks\nrow 1234567 is " << kept_ << "\n";
    }

private:
    kg::SinkShape shape_;
    std::atomic<std::size_t> n_blocks_{0};
    double kept_ = 0;
};

struct Root : kg::ParallelBatchNode {
    Samples prep(const kg::Store&) const { return {}; }
    double exec(double sample) const { return std::sqrt(sample); }
};

int main() {
    kg::Graph graph{"stream"};
    graph.add("root", Root{}, {.sink = std::make_shared<CountingSink>()});
    kg::Store shared;
    graph.run(shared);
}
