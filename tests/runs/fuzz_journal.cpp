#include "files/memory_files.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/journal.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kaygraph::test::MemoryFiles files{std::as_bytes(std::span{data, size})};
    std::size_t bytes_of_notes = 0;
    try {
        kaygraph::runs::read_journal(files, "fuzzed", [&](const kaygraph::runs::Frame& frame) {
            bytes_of_notes += frame.note.size();
        });
    } catch (const kaygraph::FormatError&) {  // what is wrong is refused
    }
    return bytes_of_notes <= size ? 0 : -1;
}
