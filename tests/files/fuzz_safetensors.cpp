#include "files/fuzz_matrix.hpp"

#include <kaygraph/files/safetensors.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span{data, size});
    kaygraph::test::attack_matrix(bytes, "fuzz.safetensors");
    try {
        for (const kaygraph::Tensor& tensor : kaygraph::parse_safetensors(bytes, "fuzz")) {
            kaygraph::test::attack_matrix(bytes, "fuzz.safetensors", {}, tensor.name);
        }
    } catch (const kaygraph::FormatError&) {
    }
    return 0;
}
