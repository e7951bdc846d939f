#include <kaygraph/base/error.hpp>
#include <kaygraph/base/matrix_view.hpp>

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace kaygraph {
namespace {

TEST(MatrixView, AddressesRowsThroughTheStride) {
    std::vector<int> data(20);
    std::iota(data.begin(), data.end(), 0);
    const MatrixView<int> matrix{data.data(), 4, 3, 5};
    EXPECT_EQ(matrix(2, 1), 11);
    EXPECT_EQ(matrix.row(3).front(), 15);
    EXPECT_EQ(matrix.row(3).size(), 3U);
    EXPECT_FALSE(matrix.is_contiguous());
    const MatrixView<const int> block = matrix.row_block(1, 2);
    EXPECT_EQ(block.rows(), 2U);
    EXPECT_EQ(block(0, 0), 5);
    EXPECT_TRUE((MatrixView<int>{data.data(), 4, 5}.is_contiguous()));
}

#ifdef KAYGRAPH_CHECK_HOT
TEST(MatrixView, ChecksBordersWhereAsked) {
    std::vector<int> data(6);
    const MatrixView<int> matrix{data.data(), 2, 3};
    EXPECT_THROW((void)matrix(2, 0), InternalError);
    EXPECT_THROW((void)matrix(0, 3), InternalError);
    EXPECT_THROW((void)matrix.row(2), InternalError);
    EXPECT_THROW((void)matrix.row_block(1, 2), InternalError);
}
#endif

}  // namespace
}  // namespace kaygraph
