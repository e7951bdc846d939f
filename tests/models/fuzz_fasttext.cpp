// Any bytes as a fastText model: an error with its place, or a model whose rows can be read.
#include "models/fasttext_features.hpp"

#include <kaygraph/base/error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kaygraph::models::detail;  // NOLINT(google-build-using-namespace)
    const std::string path = "model.bin";
    try {
        const FastTextFile model = parse_fasttext(std::as_bytes(std::span{data, size}), path);
        std::string bordered;
        std::vector<std::uint32_t> rows;
        append_word_rows(model, "hello", bordered, rows);
        append_word_rows(model, "</s>", bordered, rows);
        const std::vector<std::int32_t> hashes{1, -2, 3};
        append_ngram_rows(model, hashes, rows);
        for (const std::uint32_t row : rows) {
            if (row >= model.n_rows()) {
                __builtin_trap();
            }
        }
    } catch (const kaygraph::FormatError&) {  // what most inputs are
    }
    return 0;
}
