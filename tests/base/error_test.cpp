#include "support/throws.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/base/type_name.hpp>
#include <kaygraph/version.hpp>

#include <gtest/gtest.h>

namespace kaygraph {
namespace {

using test::expect_says;
using test::thrown;

TEST(Error, SaysWhereItHappened) {
    const FormatError error{
        ErrorCode::truncated,
        "expected 4 bytes",
        {.node = "read", .item = 3, .file = "a.npy", .offset = 128}};
    EXPECT_STREQ(error.what(), "expected 4 bytes [node 'read', item 3, file 'a.npy', offset 128]");
    EXPECT_EQ(error.code(), ErrorCode::truncated);
    EXPECT_EQ(error.context().offset, 128);
}

TEST(Error, LeavesOutWhatIsNotKnown) {
    EXPECT_STREQ(ArgumentError{"write 1"}.what(), "write 1");
    EXPECT_STREQ(Stopped{}.what(), "the run was asked to stop");
}

TEST(Error, EveryCodeHasItsName) {
    for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
        const auto name = to_string(static_cast<ErrorCode>(code));
        EXPECT_EQ(name == "unknown", code == 0) << code;
    }
}

TEST(Check, ABrokenPromiseIsAnInternalError) {
    const int two = 2;
    expect_says(
        thrown<InternalError>([&] { KAYGRAPH_ASSERT(two == 3, "numbers count"); }),
        "numbers count",
        "two == 3",
        "error_test.cpp",
        std::string{version()}
    );
    EXPECT_NO_THROW(KAYGRAPH_ASSERT(two == 2, "numbers count"));
}

TEST(TypeName, IsReadable) {
    EXPECT_EQ(type_name<int>(), "int");
    EXPECT_EQ(type_name<Error>(), "kaygraph::Error");
}

TEST(Version, HeadersAndLibraryAgree) {
    EXPECT_EQ(
        version(),
        std::to_string(KAYGRAPH_VERSION_MAJOR) + "." + std::to_string(KAYGRAPH_VERSION_MINOR) + "."
            + std::to_string(KAYGRAPH_VERSION_PATCH)
    );
    EXPECT_TRUE(KAYGRAPH_VERSION_GE(0, 1, 0));
    EXPECT_FALSE(KAYGRAPH_VERSION_GE(99, 0, 0));
}

}  // namespace
}  // namespace kaygraph
