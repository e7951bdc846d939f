#include "files/fuzz_matrix.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kaygraph::test::attack_matrix(std::as_bytes(std::span{data, size}), "fuzz.npy");
    return 0;
}
