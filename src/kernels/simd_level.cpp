#include <kaygraph/kernels/simd_level.hpp>

#include <algorithm>
#include <cstdlib>

namespace kaygraph::kernels {

std::string_view to_string(SimdLevel level) noexcept {
    switch (level) {
        case SimdLevel::scalar:
            return "scalar";
        case SimdLevel::baseline:
            return "baseline";
        case SimdLevel::avx2:
            return "avx2";
        case SimdLevel::avx512:
            return "avx512";
    }
    return "unknown";
}

SimdLevel detected_simd_level() noexcept {
#if defined(KAYGRAPH_SIMD_X86)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        return SimdLevel::avx512;
    }
    if (__builtin_cpu_supports("avx2")) {  // each of them has F16C, which clang 14 cannot ask for
        return SimdLevel::avx2;
    }
#endif
#if defined(KAYGRAPH_SIMD_X86) || defined(KAYGRAPH_SIMD_NEON)
    return SimdLevel::baseline;
#else
    return SimdLevel::scalar;
#endif
}

SimdLevel simd_level() noexcept {
    static const SimdLevel level = [] {
        const SimdLevel detected = detected_simd_level();
        const char* named = std::getenv("KAYGRAPH_SIMD");  // NOLINT(concurrency-mt-unsafe)
        for (const SimdLevel lower : {SimdLevel::scalar, SimdLevel::baseline, SimdLevel::avx2}) {
            if (named != nullptr && to_string(lower) == named) {
                return std::min(lower, detected);
            }
        }
        return detected;
    }();
    return level;
}

}  // namespace kaygraph::kernels
