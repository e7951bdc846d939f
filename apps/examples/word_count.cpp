// Counts the words of text files on all cores, and under mpirun on all ranks: a ParallelBatchNode takes the
// files, a node merges the results, and the report says what took how long.
//
//     word_count /usr/share/common-licenses/*-*
//
// Prints:
//   * different words in * files, "the" * times
//   graph 'word count': * on 1 rank, up to * last action 'default'
//   *
//   count  ParallelBatchNode       1 *
//   merge  Node                    1 *
//   critical path * of * work: *
#include "on_ranks.hpp"

#include <kaygraph/kaygraph.hpp>

#include <fstream>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace kg = kaygraph;
using Counts = std::map<std::string, long>;
using Files = std::vector<std::string>;

struct CountFile : kg::ParallelBatchNode {
    auto prep(const kg::Store& shared) const { return std::span{shared.get<Files>("files")}; }
    Counts exec(const std::string& file) const {
        std::ifstream text{file};
        if (!text) {
            throw kg::IoError(kg::ErrorCode::io, "cannot read " + file);
        }
        Counts counts;
        for (std::string word; text >> word;) {
            ++counts[word];
        }
        return counts;
    }
    void post(kg::Store& shared, kg::BatchResult<Counts> per_file) const {
        shared.set("per_file", std::move(per_file));
    }
};

struct Merge : kg::Node {
    auto prep(const kg::Store& shared) const {
        return shared.get<kg::BatchResult<Counts>>("per_file").values();
    }
    Counts exec(std::span<const Counts> per_file) const {
        Counts total;
        for (const Counts& counts : per_file) {
            for (const auto& [word, n] : counts) {
                total[word] += n;
            }
        }
        return total;
    }
    void post(kg::Store& shared, Counts total) const { shared.set("total", std::move(total)); }
};

int main(int argc, char** argv) {
    const Files files(argv + 1, argv + argc);
    return on_ranks(argc, argv, [&](const kg::Runtime& ranks) {
        kg::Graph graph{"word count"};
        graph.add("count", CountFile{}, {.gather = kg::Gather::root})
            >> graph.add("merge", Merge{}, {.where = kg::Where::root});
        graph.record(kg::Metrics::on);
        kg::Store shared;
        shared.set("files", files);
        const kg::RunReport report = graph.run(shared, ranks);
        if (ranks.rank() == 0) {
            const auto& total = shared.get<Counts>("total");
            std::cout << total.size() << " different words in " << files.size()
                      << " files, \"the\" " << total.at("the") << " times\n"
                      << to_text(report);
        }
        return 0;
    });
}
