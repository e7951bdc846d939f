#include "files/memory_files.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/run_directory.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kaygraph::test::MemoryFiles files{std::as_bytes(std::span{data, size})};
    try {
        const kaygraph::runs::RunDirectory directory{files, "fuzzed"};
        if (const auto record = directory.read()) {
            static_cast<void>(differences(*record, {}));
        }
    } catch (const kaygraph::FormatError&) {  // what is wrong is refused
    }
    return 0;
}
