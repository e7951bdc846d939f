#include <kaygraph/kernels/eigen.hpp>
#include <kaygraph/kernels/project.hpp>

#include <gtest/gtest.h>

#include <type_traits>
#include <vector>

namespace kaygraph {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

TEST(EigenMap, IsTheMemoryOfTheView) {
    std::vector<float> values(1 + 3 * 5);
    const MatrixView<float> view{values.data() + 1, 3, 4, 5};  // a stride, and no alignment
    eigen_map(view) = RowMajor::Constant(3, 4, 7.0F);
    EXPECT_EQ(view(2, 3), 7.0F);
    EXPECT_EQ(values[0], 0.0F);
    EXPECT_EQ(values[5], 0.0F);  // between two rows
    view(1, 2) = 9.0F;
    EXPECT_EQ(eigen_map(MatrixView<const float>{view}).maxCoeff(), 9.0F);
    EXPECT_EQ(eigen_map(MatrixView<float>{}).size(), 0);
}

TEST(MatrixViewOfEigen, IsTheMemoryOfTheMatrix) {
    RowMajor matrix = RowMajor::Zero(3, 4);
    const auto view = matrix_view(matrix);
    view(2, 1) = 5.0F;
    EXPECT_EQ(matrix(2, 1), 5.0F);

    auto block = matrix.block(1, 1, 2, 3);
    const auto part = matrix_view(block);
    EXPECT_EQ(part.rows(), 2U);
    EXPECT_EQ(part.cols(), 3U);
    EXPECT_EQ(part.row_stride(), 4U);
    EXPECT_EQ(part(1, 0), 5.0F);

    const RowMajor& fixed = matrix;
    static_assert(std::is_same_v<decltype(matrix_view(fixed)), MatrixView<const float>>);
    EXPECT_EQ(matrix_view(fixed)(2, 1), 5.0F);
}

TEST(MatrixViewOfEigen, GoesIntoAKernel) {
    const RowMajor rows = RowMajor::Random(5, 8);
    const RowMajor matrix = RowMajor::Random(8, 3);
    RowMajor out(5, 3);
    kernels::project_rows(matrix_view(rows), matrix_view(matrix), matrix_view(out));
    EXPECT_LT((out - rows * matrix).cwiseAbs().maxCoeff(), 1e-5F);
}

}  // namespace
}  // namespace kaygraph
