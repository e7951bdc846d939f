#pragma once

#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/kernels/embedding_bag.hpp>
#include <kaygraph/kernels/scan.hpp>
#include <kaygraph/kernels/simd_level.hpp>

#include <cstddef>
#include <cstdint>

namespace kaygraph::kernels::detail {

/// The kernels of one level: plain functions over plain memory. Arguments have been checked.
struct KernelTable {
    /// Sums `n` rows of a table into a row; `weights` may be null. `n_ahead` ids, n at least, may be looked
    /// at: rows behind the nth are fetched for what is summed next.
    void (*sum_rows
    )(const RowTable& table,
      const std::uint32_t* ids,
      const float* weights,
      std::size_t n,
      std::size_t n_ahead,
      float* out);
    void (*divide)(float* row, std::size_t n, float by);
    void (*unify_nans)(float* row, std::size_t n);
    float (*dot)(const float* a, const float* b, std::size_t n);
    float (*squared_distance)(const float* a, const float* b, std::size_t n);
    /// Returns how many bytes from the first on are ASCII, at least; all in steps of 64 but the last.
    std::size_t (*ascii_prefix)(const char* bytes, std::size_t n);
    void (*to_f16)(const float* from, std::uint16_t* to, std::size_t n);
    void (*from_f16)(const std::uint16_t* from, float* to, std::size_t n);
    std::size_t (*to_i8)(const float* from, std::int8_t* to, std::size_t n, float scale);
    void (*from_i8)(const std::int8_t* from, float* to, std::size_t n, float scale);
    void (*project_row
    )(const float* row,
      const float* matrix,
      std::size_t rows,
      std::size_t cols,
      std::size_t stride,
      float* out);
    /// products[j] += Σ_r x[r] · rows[r][j], for n_rows rows of doubles, in their order.
    void (*add_products
    )(const double* x,
      const double* rows,
      std::size_t n_rows,
      std::size_t stride,
      std::size_t cols,
      double* products);
    /// Finds the fields of a text; see split_fields. Returns how many: at most (n + 1) / 2, for which there is room.
    std::size_t (*split)(const char* text, std::size_t n, bool with_nul, Field* fields);
};

const KernelTable& scalar_kernels() noexcept;
#if defined(KAYGRAPH_SIMD_X86) || defined(KAYGRAPH_SIMD_NEON)
const KernelTable& baseline_kernels() noexcept;
#endif
#if defined(KAYGRAPH_SIMD_X86)
const KernelTable& avx2_kernels() noexcept;
const KernelTable& avx512_kernels() noexcept;
#endif

/// Returns the kernels of a level, or of the highest one below it that this CPU has.
const KernelTable& kernels_of(SimdLevel level) noexcept;

}  // namespace kaygraph::kernels::detail
