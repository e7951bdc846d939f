// The public functions: they check what they are given and call the kernels of a level.
#include "kernels/kernel_table.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/kernels/convert.hpp>
#include <kaygraph/kernels/embedding_bag.hpp>
#include <kaygraph/kernels/project.hpp>
#include <kaygraph/kernels/rows.hpp>
#include <kaygraph/kernels/scan.hpp>

#include <algorithm>
#include <cmath>

namespace kaygraph::kernels {
namespace detail {

const KernelTable& kernels_of(SimdLevel level) noexcept {
    switch (std::min(level, detected_simd_level())) {
#if defined(KAYGRAPH_SIMD_X86)
        case SimdLevel::avx512:
            return avx512_kernels();
        case SimdLevel::avx2:
            return avx2_kernels();
#endif
#if defined(KAYGRAPH_SIMD_X86) || defined(KAYGRAPH_SIMD_NEON)
        case SimdLevel::baseline:
            return baseline_kernels();
#endif
        default:
            return scalar_kernels();
    }
}

}  // namespace detail

using detail::kernels_of;
using detail::KernelTable;

void embedding_bag(
    const RowTable& table,
    std::span<const std::uint32_t> ids,
    std::span<const std::size_t> ends,
    Bag bag,
    std::span<const float> weights,
    MatrixView<float> out,
    SimdLevel level
) {
    KAYGRAPH_ASSERT(
        out.rows() == ends.size() && out.cols() == table.cols
            && (ends.empty() || ends.back() <= ids.size())
            && (weights.empty() || weights.size() == ids.size()),
        "a row for each bag, a weight for each id"
    );
    const KernelTable& kernels = kernels_of(level);
    std::size_t first = 0;
    for (std::size_t b = 0; b < ends.size(); ++b) {
        const std::size_t n = ends[b] - first;
        float* row = out.row(b).data();
        kernels.sum_rows(
            table,
            ids.data() + first,
            weights.empty() ? nullptr : weights.data() + first,
            n,
            ids.size() - first,
            row
        );
        if (bag == Bag::mean && n > 1) {
            kernels.divide(row, table.cols, static_cast<float>(n));
        }
        first = ends[b];
    }
}

float dot(std::span<const float> a, std::span<const float> b, SimdLevel level) {
    KAYGRAPH_ASSERT(a.size() == b.size(), "rows of one length");
    return kernels_of(level).dot(a.data(), b.data(), a.size());
}

float squared_distance(std::span<const float> a, std::span<const float> b, SimdLevel level) {
    KAYGRAPH_ASSERT(a.size() == b.size(), "rows of one length");
    return kernels_of(level).squared_distance(a.data(), b.data(), a.size());
}

float cosine(std::span<const float> a, std::span<const float> b, SimdLevel level) {
    const float squares = dot(a, a, level) * dot(b, b, level);
    return squares > 0 ? dot(a, b, level) / std::sqrt(squares) : 0;
}

void normalize_rows(MatrixView<float> rows, SimdLevel level) {
    const KernelTable& kernels = kernels_of(level);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        float* row = rows.row(i).data();
        const float squares = kernels.dot(row, row, rows.cols());
        if (squares > 0) {
            kernels.divide(row, rows.cols(), std::sqrt(squares));
        }
    }
}

void unify_nans(MatrixView<float> rows, SimdLevel level) {
    const KernelTable& kernels = kernels_of(level);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        kernels.unify_nans(rows.row(i).data(), rows.cols());
    }
}

void split_fields(
    std::string_view text,
    Separators separators,
    std::vector<Field>& fields,
    SimdLevel level
) {
    const std::size_t most = (text.size() + 1) / 2;
    if (fields.size() < most) {
        fields.resize(most);
    }
    fields.resize(kernels_of(level).split(
        text.data(), text.size(), separators == Separators::space_nul, fields.data()
    ));
}

void project_rows(
    MatrixView<const float> rows,
    MatrixView<const float> matrix,
    MatrixView<float> out,
    SimdLevel level
) {
    KAYGRAPH_ASSERT(
        rows.cols() == matrix.rows() && out.rows() == rows.rows() && out.cols() == matrix.cols(),
        "shapes that fit"
    );
    const KernelTable& kernels = kernels_of(level);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        kernels.project_row(
            rows.row(i).data(),
            matrix.data(),
            matrix.rows(),
            matrix.cols(),
            matrix.row_stride(),
            out.row(i).data()
        );
    }
}

void to_f16(std::span<const float> from, std::span<std::uint16_t> to, SimdLevel level) {
    KAYGRAPH_ASSERT(from.size() == to.size(), "spans of one length");
    kernels_of(level).to_f16(from.data(), to.data(), from.size());
}

void from_f16(std::span<const std::uint16_t> from, std::span<float> to, SimdLevel level) {
    KAYGRAPH_ASSERT(from.size() == to.size(), "spans of one length");
    kernels_of(level).from_f16(from.data(), to.data(), from.size());
}

std::size_t to_i8(
    std::span<const float> from,
    std::span<std::int8_t> to,
    float scale,
    SimdLevel level
) {
    KAYGRAPH_ASSERT(from.size() == to.size(), "spans of one length");
    return kernels_of(level).to_i8(from.data(), to.data(), from.size(), scale);
}

void from_i8(std::span<const std::int8_t> from, std::span<float> to, float scale, SimdLevel level) {
    KAYGRAPH_ASSERT(from.size() == to.size(), "spans of one length");
    kernels_of(level).from_i8(from.data(), to.data(), from.size(), scale);
}

}  // namespace kaygraph::kernels
