#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/safetensors.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kaygraph {
namespace {

using test::Bytes;
using test::expect_says;
using test::thrown;

Bytes file_of(const std::string& header, const std::string& data) {
    return test::bytes(std::uint64_t{header.size()}, header, data);
}

std::string refusal(const Bytes& file, const SafetensorsLimits& limits = {}) {
    return thrown<FormatError>([&] { (void)parse_safetensors(file, "m.safetensors", limits); });
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& range) {
    return R"({"dtype":")" + dtype + R"(","shape":[)" + shape + R"(],"data_offsets":[)" + range
           + "]}";
}

std::string text_of(const Tensor& tensor) {
    return {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()};
}

TEST(Safetensors, GivesEachTensorInTheOrderOfTheBytes) {
    const std::string header = R"({"w":)" + entry("F32", "1,2", "3,11")
                               + R"(,"__metadata__":{"a":"b"},"b":)" + entry("I8", "3", "0,3")
                               + R"(,"empty":)" + entry("F64", "0,4", "3,3") + R"(,"half":)"
                               + entry("BF16", "", "11,13") + "}  ";
    const Bytes file = file_of(header, "abc01234567hh");
    const auto tensors = parse_safetensors(file, "f");
    ASSERT_EQ(tensors.size(), 4U);
    EXPECT_EQ(tensors[0].name, "b");
    EXPECT_EQ(text_of(tensors[0]), "abc");
    EXPECT_EQ(tensors[0].element_type, ElementType::i8);
    EXPECT_EQ(tensors[0].offset, 8 + header.size());
    EXPECT_EQ(tensors[1].name, "empty");
    EXPECT_EQ(tensors[2].name, "w");
    EXPECT_EQ(text_of(tensors[2]), "01234567");
    EXPECT_EQ(tensors[2].shape, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(tensors[2].dtype, "F32");
    EXPECT_EQ(element_type_of(tensors[2], "f"), ElementType::f32);
    EXPECT_EQ(tensor_named(tensors, "w", "f").offset, tensors[2].offset);
    expect_says(
        thrown<FormatError>([&] { (void)tensor_named(tensors, "x", "file.st"); }),
        "a tensor 'x'",
        "'b', 'empty', 'w', 'half'",
        "file.st"
    );
    expect_says(
        thrown<FormatError>([&] { (void)element_type_of(tensors[3], "file.st"); }),
        "'half'",
        "'BF16'",
        "file.st"
    );
    EXPECT_TRUE(parse_safetensors(file_of("{}", ""), "f").empty());
}

TEST(Safetensors, BytesThatNoTensorCoversAreRefused) {
    const std::string one = R"({"a":)" + entry("F32", "1", "0,4") + "}";
    EXPECT_EQ(parse_safetensors(file_of(one, "0123"), "f").size(), 1U);
    expect_says(refusal(file_of(one, "0123x")), "cover all bytes", "1 bytes at the end that none");
    expect_says(refusal(file_of("{}", "0123")), "4 bytes at the end that none");
    const std::string late = R"({"a":)" + entry("F32", "1", "2,6") + "}";
    expect_says(refusal(file_of(late, "xx0123")), "2 bytes before tensor 'a' that none");
    const std::string gap =
        R"({"a":)" + entry("F32", "1", "0,4") + R"(,"b":)" + entry("I8", "2", "7,9") + "}";
    expect_says(
        refusal(file_of(gap, "0123xxx01")),
        "3 bytes before tensor 'b' that none",
        "offset " + std::to_string(8 + gap.size() + 4)
    );
    const std::string unknown =
        R"({"a":)" + entry("F8_E4M3", "2", "0,2") + R"(,"b":)" + entry("I8", "2", "3,5") + "}";
    expect_says(refusal(file_of(unknown, "01x01")), "1 bytes before tensor 'b'");
}

TEST(Safetensors, AFileThatIsSomethingElseIsNamed) {
    expect_says(
        refusal(test::bytes("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n")),
        "expected safetensors, found a Git LFS pointer: fetch the file itself",
        "m.safetensors"
    );
    expect_says(refusal(test::bytes("PK\3\4 a zip of PyTorch")), "found a zip archive");
    expect_says(refusal(test::bytes("<!DOCTYPE html><html>")), "found a web page");
}

TEST(Safetensors, AHeaderPastItsLimitsOrTheEndIsRefused) {
    expect_says(refusal(test::bytes("1234567")), "8 bytes of header size", "found 7");
    expect_says(refusal(test::bytes(std::uint64_t{3}, "{}")), "3 bytes of header", "found 2");
    expect_says(
        refusal(test::bytes(~std::uint64_t{0}, "{}")),
        "16000000 bytes at most",
        "18446744073709551615"
    );
    expect_says(refusal(file_of("[]", "")), "begins with '{'", "'[]'", "offset 8");
    expect_says(refusal(file_of("", "")), "begins with '{'");
    expect_says(refusal(file_of("{", "")), "expected JSON", "m.safetensors");
    expect_says(refusal(file_of(R"({"a":[[[[[[]]]]]]})", "")), "4 levels");
    const std::string two =
        R"({"a":)" + entry("I8", "1", "0,1") + R"(,"b":)" + entry("I8", "1", "1,2") + "}";
    EXPECT_EQ(parse_safetensors(file_of(two, "xy"), "f", {.tensors = 2}).size(), 2U);
    expect_says(refusal(file_of(two, "xy"), {.tensors = 1}), "1 tensors at most", "found 2");
    expect_says(refusal(file_of(two, "xy"), {.header_bytes = 10}), "10 bytes at most");
}

TEST(Safetensors, EntriesThatContradictTheBytesAreRefused) {
    const auto refused = [](const std::string& tensor, const std::string& data = "0123") {
        return refusal(file_of(R"({"t":)" + tensor + "}", data));
    };
    expect_says(refused("3"), "a dtype of tensor 't'");
    expect_says(refused(R"({"dtype":4})"), "a dtype");
    expect_says(refused(R"({"dtype":"I8"})"), "shape of tensor 't'");
    expect_says(refused(entry("I8", "-4", "0,4")), "list of sizes");
    expect_says(refused(entry("I8", "4.0", "0,4")), "list of sizes");
    expect_says(refused(entry("I8", "99999999999999999999", "0,4")), "list of sizes");
    expect_says(refused(entry("I8", "4", "0,5")), "within 4 bytes", "found 0 and 5");
    expect_says(refused(entry("I8", "4", "4,0")), "within 4 bytes");
    expect_says(refused(entry("I8", "4", "0")), "1 numbers");
    expect_says(refused(entry("I8", "3", "0,4")), "3 bytes", "4 by its data_offsets");
    expect_says(refused(entry("F32", "4", "0,4")), "16 bytes", "4 by its data_offsets");
    expect_says(refused(entry("F64", "4611686018427387904,8", "0,0")), "past 64 bits");
    expect_says(
        refused(
            entry("I8", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4", "0,4")
        ),
        "32 dimensions"
    );
    expect_says(refused(R"({"dtype":"I8","shape":[4],"data_offsets":[0,4],"x":1})"), "4 keys");
    EXPECT_EQ(
        parse_safetensors(file_of(R"({"t":)" + entry("NEW4", "9", "0,4") + "}", "0123"), "f")
            .size(),
        1U
    );
}

TEST(Safetensors, TensorsThatShareBytesOrANameAreRefused) {
    const std::string a = entry("I8", "3", "0,3");
    const std::string b = entry("I8", "2", "2,4");
    expect_says(
        refusal(file_of(R"({"a":)" + a + R"(,"b":)" + b + "}", "0123")), "'a' and 'b' overlapping"
    );
    expect_says(refusal(file_of(R"({"a":)" + a + R"(,"a":)" + a + "}", "0123")), "each key once");
    expect_says(refusal(file_of(R"({"__metadata__":{"a":1}})", "")), "names to strings");
    expect_says(refusal(file_of(R"({"__metadata__":[]})", "")), "names to strings");
}

}  // namespace
}  // namespace kaygraph
