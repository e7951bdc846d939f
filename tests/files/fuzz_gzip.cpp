#include "files/fuzz_compressed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    kaygraph::test::fuzz_compressed(
        std::as_bytes(std::span{data, size}), kaygraph::Compression::gzip
    );
    return 0;
}
