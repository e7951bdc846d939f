#pragma once

#include <kaygraph/files/byte_reader.hpp>

#include <cstdint>

namespace kaygraph::detail {

/// Refuses a matrix whose elements are not exactly the bytes left, rows of nothing, and
/// columns of nothing without bound. The product is
/// compared without overflow and before anybody uses it.
void require_exact_size(
    const ByteReader& left,
    std::uint64_t rows,
    std::uint64_t cols,
    std::uint64_t element_bytes
);

}  // namespace kaygraph::detail
