// What a user's program does first: a graph over the public headers, linked from outside the project.
#include <kaygraph/files/text_source.hpp>
#include <kaygraph/kaygraph.hpp>

#include <cstdio>

namespace kg = kaygraph;

int main(int /*argc*/, char** argv) {
    // needs the libraries that the files layer was built with
    const std::vector<kg::TextInput> inputs =
        kg::list_text_inputs(std::vector<std::string>{argv[0]}, {.whole_files = true});
    if (kg::count_texts(inputs, kg::cut_texts(inputs).at(0)) != 1) {
        return 1;
    }

    kg::Graph graph{"consumer"};
    graph.add(
        "sum",
        kg::parallel_batch_node(
            [](const kg::Store&) { return kg::Indices{1000}; },
            [](std::size_t i) { return static_cast<long>(i); },
            [](kg::Store& shared, const kg::BatchResult<long>& values) {
                long sum = 0;
                for (const long value : values.values()) {
                    sum += value;
                }
                shared.set("sum", sum);
            }
        )
    );
    kg::Store shared;
    graph.run(shared, {.threads = 2});
    try {
        (void)shared.get<int>("sum");  // exceptions cross the border of the library
    } catch (const kg::StoreError& error) {
        std::printf(
            "kaygraph %s: sum %ld\n", std::string{kg::version()}.c_str(), shared.get<long>("sum")
        );
        return shared.get<long>("sum") == 499500 ? 0 : 1;
    }
    return 1;
}
