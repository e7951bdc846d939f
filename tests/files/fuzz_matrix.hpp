#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_reader.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kaygraph::test {

/// Opens bytes as a matrix and reads all of it in both ways. Bytes that are no matrix must end in a FormatError;
/// any other exception, and a matrix of more elements than bytes, ends the program.
inline void attack_matrix(
    std::span<const std::byte> bytes,
    const std::string& name,
    std::optional<MatrixFormat> format = {},
    const std::string& tensor = {},
    ElementType text_type = ElementType::f32
) {
    try {
        const MatrixReader reader = MatrixReader::of_bytes(bytes, name, format, tensor, text_type);
        const MatrixInfo& info = reader.info();
        if (info.cols != 0 && info.rows > bytes.size() / info.cols) {
            __builtin_trap();
        }
        const std::uint64_t at_once = std::clamp<std::uint64_t>(info.rows, 1, 64);
        std::vector<float> floats(at_once * info.cols);
        std::vector<std::byte> elements(floats.size() * size_of(info.type));
        for (std::uint64_t first = 0; first < info.rows; first += at_once) {
            const std::uint64_t n = std::min(at_once, info.rows - first);
            reader.check(first, n);
            reader.read_rows(first, {floats.data(), n, info.cols});
            reader.read_elements(
                first, n, std::span{elements}.first(n * info.cols * size_of(info.type))
            );
        }
    } catch (const FormatError&) {
    }
}

}  // namespace kaygraph::test
