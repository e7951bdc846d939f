// The first byte says what the numbers are read as.
#include "files/fuzz_matrix.hpp"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using kaygraph::ElementType;
    constexpr std::array types{
        ElementType::f32,
        ElementType::f64,
        ElementType::i8,
        ElementType::u8,
        ElementType::i32,
        ElementType::i64};
    if (size != 0) {
        kaygraph::test::attack_matrix(
            std::as_bytes(std::span{data, size}.subspan(1)),
            "fuzz.txt",
            {},
            "",
            types[data[0] % types.size()]
        );
    }
    return 0;
}
