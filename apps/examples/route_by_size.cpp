// Routing by the size of a result: few documents take the quick way, many are spread over the cores.
//
// Prints:
//   3 documents: quick_process
//   5000 documents: batch_process
#include <kaygraph/kaygraph.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace kg = kaygraph;
using Documents = std::vector<std::string>;

struct Load : kg::Node {
    int prep(const kg::Store& shared) const { return shared.get<int>("n"); }
    Documents exec(int n) const { return Documents(static_cast<std::size_t>(n), "some text"); }
    kg::Action post(kg::Store& shared, int, Documents documents) const {
        const bool is_large = documents.size() > 100;
        shared.set("documents", std::move(documents));
        return is_large ? "batch_process" : "quick_process";
    }
};

struct Batch : kg::ParallelBatchNode {
    auto prep(const kg::Store& shared) const {
        return std::span{shared.get<Documents>("documents")};
    }
    std::size_t exec(const std::string& document) const { return document.size(); }
    void post(kg::Store& shared, const kg::BatchResult<std::size_t>&) const {
        shared.set("way", "batch_process");
    }
};

struct Quick : kg::Node {
    const Documents& prep(const kg::Store& shared) const {
        return shared.get<Documents>("documents");
    }
    std::size_t exec(const Documents& documents) const { return documents.front().size(); }
    void post(kg::Store& shared, std::size_t) const { shared.set("way", "quick_process"); }
};

int main() {
    kg::Graph graph{"corpus"};
    const auto load = graph.add("load", Load{});
    load.on("batch_process") >> graph.add("batch", Batch{});
    load.on("quick_process") >> graph.add("quick", Quick{});

    for (const int n : {3, 5000}) {
        kg::Store shared;
        shared.set("n", n);
        graph.run(shared);
        std::cout << n << " documents: " << shared.get<std::string>("way") << "\n";
    }
}
