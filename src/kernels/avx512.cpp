// AVX-512 F, BW, DQ, VL. No multiplication is fused with an addition: the other levels could not do the same.
#include "kernels/level_kernels.hpp"
#include "kernels/plain_loops.hpp"

#include <immintrin.h>
#include <xsimd/xsimd.hpp>

namespace kaygraph::kernels::detail {
namespace {

struct Avx512 : PlainLoops {
    static constexpr std::size_t n_registers = 32;
    using Vector = xsimd::batch<float, xsimd::avx512bw>;
    using Doubles = xsimd::batch<double, xsimd::avx512bw>;

    static Vector load(const std::byte* at) {
        return _mm512_loadu_ps(reinterpret_cast<const float*>(at));
    }
    static Vector load_f16(const std::byte* at) {
        return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
    }
    static Vector load_i8(const std::byte* at) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
    }

    static std::uint64_t separators(const char* bytes, bool with_nul) {
        const __m512i b = _mm512_loadu_si512(bytes);
        const __m512i from_tab = _mm512_sub_epi8(b, _mm512_set1_epi8('\t'));
        std::uint64_t mask = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(' '))
                             | _mm512_cmple_epu8_mask(from_tab, _mm512_set1_epi8('\r' - '\t'));
        if (with_nul) {
            mask |= _mm512_cmpeq_epi8_mask(b, _mm512_setzero_si512());
        }
        return mask;
    }
    static std::uint64_t high_bits(const char* bytes) {
        return _mm512_movepi8_mask(_mm512_loadu_si512(bytes));
    }

    static void to_f16(const float* from, std::uint16_t* to, std::size_t n) {
        std::size_t i = 0;
        for (; i + 16 <= n; i += 16) {
            const __m256i halves =
                _mm512_cvtps_ph(_mm512_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT);
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), halves);
        }
        PlainLoops::to_f16(from + i, to + i, n - i);
    }
    static void from_f16(const std::uint16_t* from, float* to, std::size_t n) {
        std::size_t i = 0;
        for (; i + 16 <= n; i += 16) {
            const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
            _mm512_storeu_ps(to + i, _mm512_cvtph_ps(halves));
        }
        PlainLoops::from_f16(from + i, to + i, n - i);
    }
};

}  // namespace

const KernelTable& avx512_kernels() noexcept {
    return LevelKernels<Avx512>::all;
}

}  // namespace kaygraph::kernels::detail
