// Any bytes as a tokenizer.json: refused, or a tokenizer whose ids are below its bound.
#include <kaygraph/base/error.hpp>
#include <kaygraph/models/tokenizer.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

using kaygraph::models::parse_tokenizer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const auto tokenizer =
            parse_tokenizer(std::as_bytes(std::span{data, size}), "fuzz", {.cached_words = 16});
        const auto scratch = tokenizer->make_scratch();
        std::vector<std::uint32_t> ids;
        const std::string_view itself{reinterpret_cast<const char*>(data), size};
        for (const std::string_view text :
             {std::string_view{"Hello w\u00f6rld [UNK] <x> ab\u6f22 \xff"}, itself}) {
            tokenizer->encode(text, ids, *scratch);
        }
        for (const std::uint32_t id : ids) {
            if (id >= tokenizer->id_bound()) {
                __builtin_trap();
            }
        }
    } catch (const kaygraph::FormatError&) {
        return 0;  // the answer to what is no tokenizer
    }
    return 0;
}
