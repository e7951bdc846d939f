// The real model, where its data is there: the numbers of its own library.
#include <kaygraph/models/embedder.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

TEST(StaticModel, TheRealOneGivesWhatItsLibraryGives) {
    const char* data = std::getenv("KAYGRAPH_TEST_DATA");  // NOLINT(concurrency-mt-unsafe)
    if (data == nullptr) {
        GTEST_SKIP() << "KAYGRAPH_TEST_DATA does not name the folder with static-model";
    }
    const auto model = models::open_embedder("static:" + std::string{data} + "/static-model");
    ASSERT_EQ(model->dimension(), 2U);
    std::string many;
    for (int i = 0; i < 1000; ++i) {
        many += i == 0 ? "hello" : " hello";
    }
    const std::vector<std::string_view> texts{"hello world", many, ""};
    std::vector<float> rows(6, -1);
    const auto scratch = model->make_scratch();
    model->embed(texts, {rows.data(), 3, 2}, *scratch);
    const std::vector<double> expected{-0.39345470, -0.91934401, -0.79808468, -0.60254538};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(rows[i], expected[i], 1e-5 * std::abs(expected[i]));
    }
    EXPECT_EQ(rows[4], 0);
    EXPECT_EQ(rows[5], 0);
}

}  // namespace
}  // namespace kaygraph
