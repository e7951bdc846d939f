// Any bytes as word vectors: an error with its place, or as many numbers as words say.
#include "models/word_vectors_file.hpp"

#include <kaygraph/base/error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kaygraph::models::detail;  // NOLINT(google-build-using-namespace)
    const std::string path = "words.vec";
    try {
        const WordVectorsFile file =
            parse_word_vectors(std::as_bytes(std::span{data, size}), path, 1 + size % 3);
        if (file.rows.size() != file.words.size() * file.dim) {
            __builtin_trap();
        }
    } catch (const kaygraph::FormatError&) {  // what most inputs are
    }
    return 0;
}
