// Filtering early: prep hands on only what needs work, as pointers into the store, so that neither
// threads nor memory see the rest.
//
// Prints:
//   3 of 6 records are new
//   4 9 25
#include <kaygraph/kaygraph.hpp>

#include <iostream>
#include <vector>

namespace kg = kaygraph;

struct Record {
    int value;
    bool is_new;
};

struct ScoreNew : kg::ParallelBatchNode {
    std::vector<const Record*> prep(const kg::Store& shared) const {
        std::vector<const Record*> fresh;
        for (const Record& record : shared.get<std::vector<Record>>("records")) {
            if (record.is_new) {
                fresh.push_back(&record);
            }
        }
        return fresh;
    }
    int exec(const Record* record) const { return record->value * record->value; }
    void post(
        kg::Store& shared,
        const std::vector<const Record*>& fresh,
        kg::BatchResult<int> scores
    ) const {
        std::cout << fresh.size() << " of " << shared.get<std::vector<Record>>("records").size()
                  << " records are new\n";
        shared.set("scores", std::move(scores).take_values());
    }
};

int main() {
    kg::Graph graph{"filter"};
    graph.add("score", ScoreNew{});
    kg::Store shared;
    shared.set(
        "records",
        std::vector<Record>{{1, false}, {2, true}, {3, true}, {4, false}, {5, true}, {6, false}}
    );
    graph.run(shared);
    for (const int score : shared.get<std::vector<int>>("scores")) {
        std::cout << score << (score == 25 ? "\n" : " ");
    }
}
