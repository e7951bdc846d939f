#pragma once

#include <cstddef>
#include <cstdint>

// Plain types only: a file for one level of CPUs holds nothing with shared linkage, see src/kernels/CMakeLists.txt.
namespace kaygraph::detail {

struct HashHalves {
    std::uint64_t low;
    std::uint64_t high;
};

/// XXH3-128, the same numbers as elsewhere. The CPU must have AVX2.
[[nodiscard]] HashHalves hash128_avx2(const void* bytes, std::size_t size) noexcept;
/// Adds bytes to a state of xxhash, an XXH3_state_t. The CPU must have AVX2.
void add_to_hash_avx2(void* state, const void* bytes, std::size_t size) noexcept;

}  // namespace kaygraph::detail
