#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/byte_reader.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace kaygraph {
namespace {

using test::expect_says;
using test::thrown;

TEST(ByteReader, TakesPartAfterPart) {
    const auto bytes = test::bytes(std::uint8_t{7}, std::int32_t{-2}, "name", '\0', 1.5F, 2.5F);
    const std::string file = "m.bin";
    ByteReader reader{bytes, file};
    EXPECT_EQ(reader.take<std::uint8_t>("flag"), 7);
    EXPECT_EQ(reader.take<std::int32_t>("count"), -2);
    EXPECT_EQ(reader.take_until('\0', 100, "name"), "name");
    EXPECT_EQ(reader.offset(), 10U);
    EXPECT_EQ(reader.take_elements(2, 4, "floats").size(), 8U);
    EXPECT_EQ(reader.remaining(), 0U);
    EXPECT_TRUE(reader.take_bytes(0, "nothing").empty());
}

TEST(ByteReader, WhatPassesTheEndIsRefusedWithFileAndOffset) {
    const auto bytes = test::bytes(std::int32_t{1}, std::int16_t{1});
    const std::string file = "m.bin";
    ByteReader reader{bytes, file};
    reader.take<std::int32_t>("count");
    expect_says(
        thrown<FormatError>([&] { reader.take<double>("learning rate"); }),
        "8 bytes of learning rate",
        "found 2",
        "'m.bin'",
        "offset 4"
    );
    EXPECT_THROW(reader.take_bytes(~std::uint64_t{0}, "x"), FormatError);
    expect_says(
        thrown<FormatError>([&] { reader.take_elements(std::uint64_t{1} << 62U, 8, "matrix"); }),
        "matrix within the file",
        "4611686018427387904 elements"
    );
    EXPECT_THROW(reader.take_elements(1, 4, "x"), FormatError);
    EXPECT_EQ(reader.offset(), 4U);
}

TEST(ByteReader, ATerminatorIsLookedForWithinItsBound) {
    const auto bytes = test::bytes("abcdef", '\0');
    const std::string file = "f";
    ByteReader reader{bytes, file};
    expect_says(
        thrown<FormatError>([&] { reader.take_until('\0', 6, "word"); }), "end of word", "6 bytes"
    );
    EXPECT_THROW(reader.take_until('x', 1000, "word"), FormatError);
    EXPECT_EQ(reader.take_until('\0', 7, "word"), "abcdef");
    expect_says(
        thrown<FormatError>([&] { reader.fail_at(3, "a", "b"); }), "expected a, found b", "offset 3"
    );
}

}  // namespace
}  // namespace kaygraph
