// One element at a time: for a CPU whose vectors nobody has written down here, and to compare the others with.
#include "kernels/level_kernels.hpp"
#include "kernels/plain_loops.hpp"

namespace kaygraph::kernels::detail {
namespace {

/// A vector of one element.
template <class T>
struct One {
    static constexpr std::size_t size = 1;
    T value;

    One() = default;
    explicit One(T of) : value(of) {}
    static One load_unaligned(const T* at) { return One(*at); }
    void store_unaligned(T* at) const { *at = value; }
    One& operator+=(One other) {
        value += other.value;
        return *this;
    }
    friend One operator-(One a, One b) { return One(a.value - b.value); }
    friend One operator*(One a, One b) { return One(a.value * b.value); }
};

struct Scalar : PlainLoops {
    static constexpr std::size_t n_registers = 16;
    using Vector = One<float>;
    using Doubles = One<double>;

    static Vector load(const std::byte* at) { return Vector(F32Rows<Scalar>::one(at)); }
    static Vector load_f16(const std::byte* at) { return Vector(F16Rows<Scalar>::one(at)); }
    static Vector load_i8(const std::byte* at) { return Vector(I8Rows<Scalar>::one(at)); }
};

}  // namespace

const KernelTable& scalar_kernels() noexcept {
    return LevelKernels<Scalar>::all;
}

}  // namespace kaygraph::kernels::detail
