// AVX2 and F16C. No multiplication is fused with an addition: the other levels could not do the same.
#include "kernels/level_kernels.hpp"
#include "kernels/plain_loops.hpp"

#include <immintrin.h>
#include <xsimd/xsimd.hpp>

namespace kaygraph::kernels::detail {
namespace {

struct Avx2 : PlainLoops {
    static constexpr std::size_t n_registers = 16;
    using Vector = xsimd::batch<float, xsimd::avx2>;
    using Doubles = xsimd::batch<double, xsimd::avx2>;

    static Vector load(const std::byte* at) {
        return _mm256_loadu_ps(reinterpret_cast<const float*>(at));
    }
    static Vector load_f16(const std::byte* at) {
        return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
    }
    static Vector load_i8(const std::byte* at) {
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at));
        return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
    }

    static std::uint64_t separators(const char* bytes, bool with_nul) {
        const __m256i space = _mm256_set1_epi8(' ');
        const __m256i tab = _mm256_set1_epi8('\t');
        const __m256i controls = _mm256_set1_epi8('\r' - '\t');
        const __m256i nul = _mm256_set1_epi8(with_nul ? '\0' : ' ');
        std::uint64_t mask = 0;
        for (unsigned i = 0; i < 2; ++i) {
            const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32 * i));
            const __m256i from_tab = _mm256_sub_epi8(b, tab);  // \t … \r are 0 … 4, without sign
            const __m256i is_control =
                _mm256_cmpeq_epi8(_mm256_min_epu8(from_tab, controls), from_tab);
            const __m256i is_space =
                _mm256_or_si256(_mm256_cmpeq_epi8(b, space), _mm256_cmpeq_epi8(b, nul));
            const int bits = _mm256_movemask_epi8(_mm256_or_si256(is_control, is_space));
            mask |= static_cast<std::uint64_t>(static_cast<unsigned>(bits)) << (32 * i);
        }
        return mask;
    }
    static std::uint64_t high_bits(const char* bytes) {
        const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
        const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32));
        return static_cast<unsigned>(_mm256_movemask_epi8(_mm256_or_si256(low, high)));
    }

    static void to_f16(const float* from, std::uint16_t* to, std::size_t n) {
        std::size_t i = 0;
        for (; i + 8 <= n; i += 8) {
            const __m128i halves =
                _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT);
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), halves);
        }
        PlainLoops::to_f16(from + i, to + i, n - i);
    }
    static void from_f16(const std::uint16_t* from, float* to, std::size_t n) {
        std::size_t i = 0;
        for (; i + 8 <= n; i += 8) {
            const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
            _mm256_storeu_ps(to + i, _mm256_cvtph_ps(halves));
        }
        PlainLoops::from_f16(from + i, to + i, n - i);
    }
};

}  // namespace

const KernelTable& avx2_kernels() noexcept {
    return LevelKernels<Avx2>::all;
}

}  // namespace kaygraph::kernels::detail
