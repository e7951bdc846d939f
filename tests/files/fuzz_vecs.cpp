// The first byte says which of the formats with rows and columns up front the others are.
#include "files/fuzz_matrix.hpp"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using kaygraph::MatrixFormat;
    constexpr std::array formats{
        MatrixFormat::fbin,
        MatrixFormat::fvecs,
        MatrixFormat::u8bin,
        MatrixFormat::bvecs,
        MatrixFormat::i8bin,
        MatrixFormat::ivecs,
        MatrixFormat::ibin};
    if (size != 0) {
        kaygraph::test::attack_matrix(
            std::as_bytes(std::span{data, size}.subspan(1)),
            "fuzz",
            formats[data[0] % formats.size()]
        );
    }
    return 0;
}
