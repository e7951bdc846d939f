// What every CPU of the architecture has: SSE2, NEON.
#include "kernels/level_kernels.hpp"
#include "kernels/plain_loops.hpp"

#include <xsimd/xsimd.hpp>

#if defined(KAYGRAPH_SIMD_X86)
#    include <emmintrin.h>
#endif

namespace kaygraph::kernels::detail {
namespace {

struct Baseline : PlainLoops {
#if defined(KAYGRAPH_SIMD_X86)
    using Arch = xsimd::sse2;
    static constexpr std::size_t n_registers = 16;
#else
    using Arch = xsimd::neon64;
    static constexpr std::size_t n_registers = 32;
#endif
    using Vector = xsimd::batch<float, Arch>;
    using Doubles = xsimd::batch<double, Arch>;

    static Vector load(const std::byte* at) {
        float
            values[Vector::size];  // NOLINT(modernize-avoid-c-arrays): rows may lie at any address
        std::memcpy(values, at, sizeof(values));
        return Vector::load_unaligned(values);
    }
    static Vector load_f16(const std::byte* at) {
        std::uint16_t halves[Vector::size];  // NOLINT(modernize-avoid-c-arrays)
        std::memcpy(halves, at, sizeof(halves));
        float values[Vector::size];  // NOLINT(modernize-avoid-c-arrays)
        from_f16(halves, values, Vector::size);
        return Vector::load_unaligned(values);
    }
    static Vector load_i8(const std::byte* at) {
        float values[Vector::size];  // NOLINT(modernize-avoid-c-arrays)
        for (std::size_t i = 0; i < Vector::size; ++i) {
            values[i] = static_cast<float>(static_cast<signed char>(at[i]));
        }
        return Vector::load_unaligned(values);
    }

#if defined(KAYGRAPH_SIMD_X86)
    static std::uint64_t separators(const char* bytes, bool with_nul) {
        const __m128i space = _mm_set1_epi8(' ');
        const __m128i tab = _mm_set1_epi8('\t');
        const __m128i controls = _mm_set1_epi8('\r' - '\t');
        const __m128i nul = _mm_set1_epi8(with_nul ? '\0' : ' ');
        std::uint64_t mask = 0;
        for (unsigned i = 0; i < 4; ++i) {
            const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
            const __m128i from_tab = _mm_sub_epi8(b, tab);  // \t … \r are 0 … 4, without sign
            const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(from_tab, controls), from_tab);
            const __m128i is_space = _mm_or_si128(_mm_cmpeq_epi8(b, space), _mm_cmpeq_epi8(b, nul));
            const int bits = _mm_movemask_epi8(_mm_or_si128(is_control, is_space));
            mask |= static_cast<std::uint64_t>(static_cast<unsigned>(bits)) << (16 * i);
        }
        return mask;
    }
    static std::uint64_t high_bits(const char* bytes) {
        __m128i any = _mm_setzero_si128();
        for (unsigned i = 0; i < 4; ++i) {
            any = _mm_or_si128(
                any, _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i))
            );
        }
        return static_cast<std::uint64_t>(_mm_movemask_epi8(any));
    }
#endif
};

}  // namespace

const KernelTable& baseline_kernels() noexcept {
    return LevelKernels<Baseline>::all;
}

}  // namespace kaygraph::kernels::detail
