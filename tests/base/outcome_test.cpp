#include "support/throws.hpp"

#include <kaygraph/base/outcome.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace kaygraph {
namespace {

using test::thrown;

TEST(Outcome, HoldsAValueOrAReason) {
    const Outcome<std::string> good{std::string{"text"}};
    ASSERT_TRUE(good);
    EXPECT_EQ(*good, "text");
    EXPECT_EQ(good->size(), 4U);
    const Outcome<std::string> bad{
        Failure{.code = ErrorCode::missing_key, .message = "no such key"}};
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.failure().code, ErrorCode::missing_key);
    EXPECT_EQ(thrown<NodeError>([&] { (void)bad.value(); }), "no such key");
}

TEST(Outcome, MayReferToAValueElsewhere) {
    const int number = 3;
    const Outcome<const int&> outcome{number};
    EXPECT_EQ(&*outcome, &number);
    EXPECT_EQ(&outcome.value(), &number);
}

TEST(Outcome, HoldsWhatCannotBeCopied) {
    const Outcome<std::unique_ptr<int>> outcome{std::make_unique<int>(5)};
    EXPECT_EQ(**outcome, 5);
}

TEST(Failure, RaisesTheOriginalException) {
    const Failure failure = describe(std::make_exception_ptr(std::out_of_range("far")));
    EXPECT_EQ(failure.code, ErrorCode::unknown);
    EXPECT_EQ(thrown<std::out_of_range>([&] { failure.raise(); }), "far");
}

TEST(Failure, DescribesWhateverWasThrown) {
    EXPECT_EQ(describe(std::make_exception_ptr(Stopped{})).code, ErrorCode::stopped);
    EXPECT_EQ(
        describe(std::make_exception_ptr(42)).message, "an exception that is not a std::exception"
    );
}

}  // namespace
}  // namespace kaygraph
