#pragma once

#include <kaygraph/files/text_inputs.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kaygraph::test {

/// Returns gzip members or zstd frames which together hold the bytes, each `part_bytes` of them.
[[nodiscard]] std::string gzip(std::string_view bytes, std::size_t part_bytes = SIZE_MAX);
[[nodiscard]] std::string zstd(std::string_view bytes, std::size_t part_bytes = SIZE_MAX);
[[nodiscard]] std::string compress(
    std::string_view bytes,
    Compression compression,
    std::size_t part_bytes = SIZE_MAX
);

}  // namespace kaygraph::test
