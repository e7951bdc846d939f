#include "support/throws.hpp"

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/base/error.hpp>

#include <gtest/gtest.h>

namespace kaygraph {
namespace {

TEST(ElementType, IsKnownByItsName) {
    for (const auto type :
         {ElementType::f16, ElementType::f64, ElementType::u8, ElementType::i64}) {
        EXPECT_EQ(parse_element_type(to_string(type)), type);
    }
    test::expect_says(
        test::thrown<ArgumentError>([] { (void)parse_element_type("bf16"); }),
        "f16, f32, f64, i8, u8, i32, i64",
        "'bf16'"
    );
}

}  // namespace
}  // namespace kaygraph
