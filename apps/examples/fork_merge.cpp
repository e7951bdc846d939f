// Fan-out and merge: three branches work on the same input at once, each with its own view of the
// store, and are joined before the merge. A key that two branches write needs a reducer.
//
// Prints:
//   words 9, longest quick, lines 2
//   log: words lines longest
#include <kaygraph/kaygraph.hpp>

#include <algorithm>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>

namespace kg = kaygraph;

std::string longest_word(const std::string& text) {
    std::istringstream stream{text};
    std::string longest;
    for (std::string word; stream >> word;) {
        longest = word.size() > longest.size() ? word : longest;
    }
    return longest;
}

// A node for a function of the text; it also appends its name to the log that all branches share.
template <class F>
auto measure(const std::string& key, F function) {
    return kg::node(
        [](const kg::Store& shared) { return shared.get<std::string>("text"); },
        function,
        [key](kg::Store& shared, const std::string&, auto result) {
            shared.set(key, result);
            shared.set("log", " " + key);
        }
    );
}

int main() {
    kg::Graph graph{"measure"};
    const auto load =
        graph.add("load", kg::node(kg::no_phase, kg::no_phase, [](kg::Store& shared) {
                      shared.set("text", "the quick brown fox\njumps over the lazy dog\n");
                  }));
    const auto words =
        graph.add("words", measure("words", [](const std::string& text) {
                      std::istringstream stream{text};
                      return std::distance(std::istream_iterator<std::string>{stream}, {});
                  }));
    const auto lines = graph.add("lines", measure("lines", [](const std::string& text) {
                                     return std::count(text.begin(), text.end(), '\n');
                                 }));
    const auto longest = graph.add("longest", measure("longest", longest_word));
    const auto merge =
        graph.add("merge", kg::node(kg::no_phase, kg::no_phase, [](kg::Store& shared) {
                      std::cout << "words " << shared.get<std::ptrdiff_t>("words") << ", longest "
                                << shared.get<std::string>("longest") << ", lines "
                                << shared.get<std::ptrdiff_t>("lines")
                                << "\nlog:" << shared.get<std::string>("log") << "\n";
                  }));
    load >> kg::fork(words, lines, longest).with(kg::reducer<std::string>("log", std::plus<>{}))
        >> merge;

    kg::Store shared;
    graph.run(shared);
}
