#pragma once

#include "kernels/kernel_table.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

/// @file
/// The kernels, once for all levels. A level is a class of static functions: its vectors, and what those do not know. Of
/// vectors only loads, stores, sums, differences and products are used, each rounded once, as IEEE 754 has them.
/// Everything is in an unnamed namespace: each level's file has its own copy, compiled with its own flags, and
/// none that the linker could take for another's. For the same reason no function of the standard library is
/// called here.

namespace kaygraph::kernels::detail {
namespace {

/// Partial sums of every reduction along a row: element i goes to sum i mod 16, whatever the vectors' width.
inline constexpr std::size_t n_partial = 16;
inline constexpr std::size_t prefetch_distance = 8;

/// Adds 16 partial sums up, by one tree.
inline float add_up(const float* partial) {
    float s[8];  // NOLINT(modernize-avoid-c-arrays)
    for (std::size_t i = 0; i < 8; ++i) {
        s[i] = partial[i] + partial[i + 8];
    }
    const float s0 = s[0] + s[4];
    const float s1 = s[1] + s[5];
    const float s2 = s[2] + s[6];
    const float s3 = s[3] + s[7];
    return (s0 + s2) + (s1 + s3);
}

/// Reads a row of a table.
template <class Level>
struct F32Rows {
    static constexpr std::size_t bytes = 4;
    static auto load(const std::byte* at) { return Level::load(at); }
    static float one(const std::byte* at) {
        float value;
        std::memcpy(&value, at, sizeof(value));
        return value;
    }
};
template <class Level>
struct F16Rows {
    static constexpr std::size_t bytes = 2;
    static auto load(const std::byte* at) { return Level::load_f16(at); }
    static float one(const std::byte* at) {
        std::uint16_t half;
        std::memcpy(&half, at, sizeof(half));
        float value;
        Level::from_f16(&half, &value, 1);
        return value;
    }
};
template <class Level>
struct I8Rows {
    static constexpr std::size_t bytes = 1;
    static auto load(const std::byte* at) { return Level::load_i8(at); }
    static float one(const std::byte* at) {
        return static_cast<float>(static_cast<signed char>(*at));
    }
};

template <class Level>
struct LevelKernels {
    using Vector = typename Level::Vector;
    using Doubles = typename Level::Doubles;
    static constexpr std::size_t width = Vector::size;

    // ---- embedding bag

    /// Sums N vectors of columns, from `first` on; the last of them begins at `last`.
    template <class Rows, std::size_t N, bool IsWeighted>
    static void sum_columns(
        const RowTable& table,
        const std::uint32_t* ids,
        const float* weights,
        std::size_t n,
        std::size_t n_ahead,
        std::size_t first,
        std::size_t last,
        float* out
    ) {
        Vector sums[N];  // NOLINT(modernize-avoid-c-arrays)
        for (std::size_t i = 0; i < N; ++i) {
            sums[i] = Vector(0.0F);
        }
        const std::size_t row_bytes = table.cols * Rows::bytes;
        for (std::size_t r = 0; r < n; ++r) {
            const std::byte* row = table.data + ids[r] * row_bytes;
            if (r + prefetch_distance < n_ahead) {
                const std::byte* ahead = table.data + ids[r + prefetch_distance] * row_bytes;
                for (std::size_t at = first * Rows::bytes; at < (last + width) * Rows::bytes;
                     at += 64) {
                    __builtin_prefetch(ahead + at);
                }
            }
            const Vector weight(IsWeighted ? weights[r] : 1.0F);
#pragma GCC unroll 16
            for (std::size_t i = 0; i < N; ++i) {
                const std::size_t col = i + 1 < N ? first + i * width : last;
                const Vector value = Rows::load(row + col * Rows::bytes);
                sums[i] += IsWeighted ? value * weight : value;
            }
        }
        for (std::size_t i = 0; i < N; ++i) {
            sums[i].store_unaligned(out + (i + 1 < N ? first + i * width : last));
        }
    }

    /// Calls `sum` with a number of vectors: as many as there are registers for, so that the rows are read in few
    /// passes.
    template <class Sum>
    static void sum_some(std::size_t left, const Sum& sum) {
        if (Level::n_registers >= 32 && left >= 16) {
            sum(Count<16>{});
        } else if (left >= 13) {
            sum(Count<13>{});
        } else if (left >= 8) {
            sum(Count<8>{});
        } else if (left >= 4) {
            sum(Count<4>{});
        } else if (left >= 2) {
            sum(Count<2>{});
        } else {
            sum(Count<1>{});
        }
    }

    /// Sums rows that are shorter than a vector.
    template <class Rows, bool IsWeighted>
    static void sum_short(
        const RowTable& table,
        const std::uint32_t* ids,
        const float* weights,
        std::size_t n,
        float* out
    ) {
        for (std::size_t col = 0; col < table.cols; ++col) {
            out[col] = 0;
        }
        for (std::size_t r = 0; r < n; ++r) {
            const std::byte* row = table.data + ids[r] * table.cols * Rows::bytes;
            for (std::size_t col = 0; col < table.cols; ++col) {
                const float value = Rows::one(row + col * Rows::bytes);
                out[col] += IsWeighted ? value * weights[r] : value;
            }
        }
    }

    template <class Rows, bool IsWeighted>
    static void sum_table(
        const RowTable& table,
        const std::uint32_t* ids,
        const float* weights,
        std::size_t n,
        std::size_t n_ahead,
        float* out
    ) {
        const std::size_t cols = table.cols;
        if (cols < width) {
            return sum_short<Rows, IsWeighted>(table, ids, weights, n, out);
        }
        // the last vector ends with the row: it may overlap the one before, which sums the same
        std::size_t first = 0;
        std::size_t left = (cols + width - 1) / width;
        while (left > 0) {
            const auto sum = [&](auto count) {
                constexpr std::size_t many = decltype(count)::value;
                const bool is_end = many == left;
                const std::size_t last = is_end ? cols - width : first + (many - 1) * width;
                sum_columns<Rows, many, IsWeighted>(
                    table, ids, weights, n, n_ahead, first, last, out
                );
                first += many * width;
                left -= many;
            };
            sum_some(left, sum);
        }
    }
    template <std::size_t N>
    struct Count {
        static constexpr std::size_t value = N;
    };

    static void sum_rows(
        const RowTable& table,
        const std::uint32_t* ids,
        const float* weights,
        std::size_t n,
        std::size_t n_ahead,
        float* out
    ) {
        const bool is_weighted = weights != nullptr;
        const auto sum = [&](auto rows) {
            using Rows = decltype(rows);
            is_weighted ? sum_table<Rows, true>(table, ids, weights, n, n_ahead, out)
                        : sum_table<Rows, false>(table, ids, weights, n, n_ahead, out);
        };
        switch (table.type) {
            case ElementType::f16:
                return sum(F16Rows<Level>{});
            case ElementType::i8:
                return sum(I8Rows<Level>{});
            default:
                return sum(F32Rows<Level>{});
        }
    }

    /// A loop for the compiler: on NEON xsimd 8.1 divides by an estimate, which is not the number of the other levels.
    static void divide(float* row, std::size_t n, float by) {
        for (std::size_t i = 0; i < n; ++i) {
            row[i] /= by;
        }
    }

    static void unify_nans(float* row, std::size_t n) {
        constexpr std::uint32_t quiet = 0x7FC00000U;
        float nan;
        std::memcpy(&nan, &quiet, sizeof(nan));
        for (std::size_t i = 0; i < n; ++i) {
            row[i] = row[i] == row[i] ? row[i] : nan;
        }
    }

    // ---- sums along rows

    /// Adds up `term(a, b)` of all elements in 16 partial sums.
    template <class Term>
    static float reduce(const float* a, const float* b, std::size_t n, Term term) {
        constexpr std::size_t n_vectors = n_partial / width;
        Vector sums[n_vectors];  // NOLINT(modernize-avoid-c-arrays)
        for (std::size_t v = 0; v < n_vectors; ++v) {
            sums[v] = Vector(0.0F);
        }
        std::size_t i = 0;
        for (; i + n_partial <= n; i += n_partial) {
            for (std::size_t v = 0; v < n_vectors; ++v) {
                const std::size_t at = i + v * width;
                sums[v] += term(Vector::load_unaligned(a + at), Vector::load_unaligned(b + at));
            }
        }
        float partial[n_partial];  // NOLINT(modernize-avoid-c-arrays)
        for (std::size_t v = 0; v < n_vectors; ++v) {
            sums[v].store_unaligned(partial + v * width);
        }
        for (std::size_t p = 0; i < n; ++i, ++p) {
            partial[p] += term(a[i], b[i]);
        }
        return add_up(partial);
    }

    static float dot(const float* a, const float* b, std::size_t n) {
        return reduce(a, b, n, [](auto x, auto y) { return x * y; });
    }
    static float squared_distance(const float* a, const float* b, std::size_t n) {
        return reduce(a, b, n, [](auto x, auto y) {
            const auto difference = x - y;
            return difference * difference;
        });
    }

    // ---- text

    static std::size_t ascii_prefix(const char* bytes, std::size_t n) {
        std::size_t i = 0;
        while (i + 64 <= n && Level::high_bits(bytes + i) == 0) {
            i += 64;
        }
        while (i < n && static_cast<signed char>(bytes[i]) >= 0) {
            ++i;
        }
        return i;
    }

    static std::size_t split(const char* text, std::size_t n, bool with_nul, Field* fields) {
        Field* next = fields;
        std::uint64_t in_field = 0;  // whether the byte before was part of a field
        for (std::size_t base = 0; base < n; base += 64) {
            std::uint64_t spaces = 0;
            if (n - base >= 64) {
                spaces = Level::separators(text + base, with_nul);
            } else {
                char rest[64];  // NOLINT(modernize-avoid-c-arrays)
                std::memset(rest, ' ', sizeof(rest));
                std::memcpy(rest, text + base, n - base);
                spaces = Level::separators(rest, with_nul);
            }
            // a bit wherever a field begins or ends
            std::uint64_t borders = ~spaces ^ (~spaces << 1U | in_field);
            const auto at = static_cast<std::uint32_t>(base);
            if (in_field != 0 && borders != 0) {
                next++->last = at + static_cast<std::uint32_t>(__builtin_ctzll(borders));
                borders &= borders - 1;
            }
            while (borders != 0) {
                next->first = at + static_cast<std::uint32_t>(__builtin_ctzll(borders));
                borders &= borders - 1;
                if (borders == 0) {
                    break;
                }
                next++->last = at + static_cast<std::uint32_t>(__builtin_ctzll(borders));
                borders &= borders - 1;
            }
            in_field = ~spaces >> 63U;
        }
        if (in_field != 0) {
            next++->last = static_cast<std::uint32_t>(n);
        }
        return static_cast<std::size_t>(next - fields);
    }

    // ---- matrices

    static void project_row(
        const float* row,
        const float* matrix,
        std::size_t rows,
        std::size_t cols,
        std::size_t stride,
        float* out
    ) {
        constexpr std::size_t many = 4;
        std::size_t col = 0;
        for (; col + many * width <= cols; col += many * width) {
            Vector sums[many] = {Vector(0.0F), Vector(0.0F), Vector(0.0F), Vector(0.0F)};  // NOLINT
            for (std::size_t k = 0; k < rows; ++k) {
                const Vector x(row[k]);
                for (std::size_t v = 0; v < many; ++v) {
                    sums[v] += x * Vector::load_unaligned(matrix + k * stride + col + v * width);
                }
            }
            for (std::size_t v = 0; v < many; ++v) {
                sums[v].store_unaligned(out + col + v * width);
            }
        }
        for (; col + width <= cols; col += width) {
            Vector sum(0.0F);
            for (std::size_t k = 0; k < rows; ++k) {
                sum += Vector(row[k]) * Vector::load_unaligned(matrix + k * stride + col);
            }
            sum.store_unaligned(out + col);
        }
        for (; col < cols; ++col) {
            float sum = 0;
            for (std::size_t k = 0; k < rows; ++k) {
                sum += row[k] * matrix[k * stride + col];
            }
            out[col] = sum;
        }
    }

    static void add_products(
        const double* x,
        const double* rows,
        std::size_t n_rows,
        std::size_t stride,
        std::size_t cols,
        double* products
    ) {
        constexpr std::size_t doubles = Doubles::size;
        std::size_t col = 0;
        for (; col + doubles <= cols; col += doubles) {
            Doubles sum = Doubles::load_unaligned(products + col);
            for (std::size_t r = 0; r < n_rows; ++r) {
                sum += Doubles(x[r]) * Doubles::load_unaligned(rows + r * stride + col);
            }
            sum.store_unaligned(products + col);
        }
        for (; col < cols; ++col) {
            for (std::size_t r = 0; r < n_rows; ++r) {
                products[col] += x[r] * rows[r * stride + col];
            }
        }
    }

    static constexpr KernelTable all{
        .sum_rows = sum_rows,
        .divide = divide,
        .unify_nans = unify_nans,
        .dot = dot,
        .squared_distance = squared_distance,
        .ascii_prefix = ascii_prefix,
        .to_f16 = Level::to_f16,
        .from_f16 = Level::from_f16,
        .to_i8 = Level::to_i8,
        .from_i8 = Level::from_i8,
        .project_row = project_row,
        .add_products = add_products,
        .split = split};
};

}  // namespace
}  // namespace kaygraph::kernels::detail
