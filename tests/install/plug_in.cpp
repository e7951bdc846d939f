// A shared library of a user's, which has kaygraph in it and may share a process with another one of another version.
#include <kaygraph/kaygraph.hpp>

#include <cstdio>
#include <string>

namespace kg = kaygraph;

extern "C" __attribute__((visibility("default"))) int run_plug_in() {
    kg::Graph graph{"plug-in"};
    graph.add(
        "sum",
        kg::parallel_batch_node(
            [](const kg::Store&) { return kg::Indices{1000}; },
            [](std::size_t i) { return static_cast<long>(i); },
            [](kg::Store& shared, const kg::BatchResult<long>& values) {
                shared.set("n", static_cast<long>(values.values().size()));
            }
        )
    );
    kg::Store shared;
    graph.run(shared, {.threads = 2});
    const std::string headers = std::to_string(KAYGRAPH_VERSION_MAJOR) + "."
                                + std::to_string(KAYGRAPH_VERSION_MINOR) + "."
                                + std::to_string(KAYGRAPH_VERSION_PATCH);
    std::printf("headers %s, library %s\n", headers.c_str(), std::string{kg::version()}.c_str());
    return shared.get<long>("n") == 1000 && kg::version() == headers ? 0 : 1;
}
