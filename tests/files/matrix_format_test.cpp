#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/matrix_format.hpp>

#include <gtest/gtest.h>

#include <string>

namespace kaygraph {
namespace {

using test::expect_says;
using test::thrown;

TEST(MatrixFormat, FollowsTheExtension) {
    EXPECT_EQ(format_of_path("dir.txt/a.npy"), MatrixFormat::npy);
    EXPECT_EQ(format_of_path("a.b.FBIN"), MatrixFormat::fbin);
    EXPECT_EQ(format_of_path("/x/a.txt"), MatrixFormat::text);
    for (const std::string name :
         {"npy", "fbin", "u8bin", "i8bin", "ibin", "fvecs", "bvecs", "ivecs", "safetensors"}) {
        EXPECT_EQ(format_of_path("a." + name), parse_format(name));
        EXPECT_EQ(to_string(parse_format(name)), name);
    }
    EXPECT_EQ(to_string(parse_format("text")), "text");
}

TEST(MatrixFormat, AnUnknownOneIsRefusedWithThoseThereAre) {
    expect_says(
        thrown<ArgumentError>([] { (void)format_of_path("x/a.npz"); }),
        "'.npz'",
        ".npy, .fbin",
        ".txt"
    );
    expect_says(thrown<ArgumentError>([] { (void)format_of_path("dir.npy/a"); }), "''");
    expect_says(
        thrown<ArgumentError>([] { (void)format_of_path("gt.bin"); }),
        "ground truth",
        "not supported yet"
    );
    expect_says(thrown<ArgumentError>([] { (void)parse_format("csv"); }), "'csv'", "npy, fbin");
}

TEST(MatrixFormat, SaysWhatHoldsATypeOfElement) {
    EXPECT_EQ(formats_for(ElementType::f32), "npy, fbin, fvecs, text");
    EXPECT_EQ(formats_for(ElementType::i8), "npy, i8bin, text");
    EXPECT_EQ(formats_for(ElementType::f16), "npy, text");
    EXPECT_EQ(only_element_type(MatrixFormat::bvecs), ElementType::u8);
    EXPECT_FALSE(only_element_type(MatrixFormat::npy).has_value());
}

}  // namespace
}  // namespace kaygraph
