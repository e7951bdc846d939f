// A node has three phases: prep reads the store, exec computes without it, post writes and says where
// to go. A graph is nodes and the edges between them, one for each action.
//
// Prints:
//   counted 5 words
//   last action: done
#include <kaygraph/kaygraph.hpp>

#include <iostream>
#include <sstream>
#include <string>

namespace kg = kaygraph;

struct CountWords : kg::Node {
    // Reads: the store is const here.
    std::string prep(const kg::Store& shared) const { return shared.get<std::string>("text"); }

    // Computes: no store at all, so it can be tried again, and tested alone.
    std::size_t exec(const std::string& text) const {
        std::istringstream words{text};
        std::size_t n_words = 0;
        for (std::string word; words >> word;) {
            ++n_words;
        }
        return n_words;
    }

    // Writes, and names the edge to follow.
    kg::Action post(kg::Store& shared, const std::string&, std::size_t n_words) const {
        shared.set("n_words", n_words);
        return n_words == 0 ? "empty" : "counted";
    }
};

struct Print : kg::Node {
    kg::Action post(kg::Store& shared) const {
        std::cout << "counted " << shared.get<std::size_t>("n_words") << " words\n";
        return "done";
    }
};

int main() {
    kg::Graph graph{"hello"};
    const auto count = graph.add("count", CountWords{});
    const auto print = graph.add("print", Print{});
    count.on("counted")
        >> print;  // the action "empty" has no edge: it would end the walk with a warning

    kg::Store shared;
    shared.set("text", "the quick brown fox jumps");
    const kg::RunReport report = graph.run(shared);
    std::cout << "last action: " << report.last_action << "\n";
}
