#include "kernels/kernel_table.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/kernels/pca.hpp>

// One thread, and blocks for caches of a fixed size: the bits do not depend on the machine. Under a name of our own:
// a host that links us may have compiled Eigen for another alignment, and the linker keeps one of the two.
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <string>

namespace kaygraph::kernels {

void accumulate_moments(
    MatrixView<const float> rows,
    std::span<double> sums,
    MatrixView<double> products,
    SimdLevel level
) {
    const std::size_t d = rows.cols();
    KAYGRAPH_ASSERT(
        sums.size() == d && products.rows() == d && products.cols() == d, "shapes that fit"
    );
    constexpr std::size_t most = 32;  // rows at once: their products stay in the cache
    const detail::KernelTable& kernels = detail::kernels_of(level);
    std::vector<double> wide(most * d);
    std::vector<double> column(most);
    for (std::size_t first = 0; first < rows.rows(); first += most) {
        const std::size_t n = std::min(most, rows.rows() - first);
        for (std::size_t r = 0; r < n; ++r) {
            const std::span<const float> row = rows.row(first + r);
            std::copy(row.begin(), row.end(), wide.begin() + static_cast<std::ptrdiff_t>(r * d));
        }
        for (std::size_t i = 0; i < d; ++i) {
            for (std::size_t r = 0; r < n; ++r) {
                column[r] = wide[r * d + i];
                sums[i] += column[r];
            }
            kernels.add_products(
                column.data(), wide.data() + i, n, d, d - i, products.row(i).data() + i
            );
        }
    }
}

PrincipalAxes principal_axes(
    std::uint64_t n_rows,
    std::span<const double> sums,
    MatrixView<const double> products,
    std::size_t n_axes
) {
    const std::size_t d = sums.size();
    if (n_rows < 2 || n_axes < 1 || n_axes > d) {
        throw ArgumentError(
            "expected two rows at least and 1 to " + std::to_string(d) + " axes, found "
            + std::to_string(n_rows) + " rows and " + std::to_string(n_axes) + " axes"
        );
    }
    const auto n = static_cast<double>(n_rows);
    const auto size = static_cast<Eigen::Index>(d);
    Eigen::MatrixXd covariance(size, size);
    for (std::size_t i = 0; i < d; ++i) {
        for (std::size_t j = i; j < d; ++j) {
            const double value = products(i, j) / n - (sums[i] / n) * (sums[j] / n);
            covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = value;
            covariance(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(i)) = value;
        }
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
    if (solver.info() != Eigen::Success) {
        throw ArgumentError("the covariance has no axes: are all vectors finite?");
    }
    double total = 0;
    for (Eigen::Index i = 0; i < size; ++i) {
        total += std::max(solver.eigenvalues()[i], 0.0);
    }
    PrincipalAxes result{std::vector<float>(d * n_axes), std::vector<double>(n_axes)};
    for (std::size_t axis = 0; axis < n_axes; ++axis) {
        const Eigen::Index from = size - 1 - static_cast<Eigen::Index>(axis);  // they rise
        const auto vector = solver.eigenvectors().col(from);
        Eigen::Index largest = 0;
        vector.cwiseAbs().maxCoeff(&largest);
        const double sign = vector[largest] < 0 ? -1 : 1;
        for (std::size_t i = 0; i < d; ++i) {
            result.axes[i * n_axes + axis] =
                static_cast<float>(sign * vector[static_cast<Eigen::Index>(i)]);
        }
        const double variance = std::max(solver.eigenvalues()[from], 0.0);
        result.explained_shares[axis] = total > 0 ? variance / total : 0;
    }
    return result;
}

}  // namespace kaygraph::kernels
