#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/mapped_file.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace kaygraph {
namespace {

using test::expect_says;
using test::Folder;
using test::thrown;

std::string_view text_of(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

TEST(MappedFile, ShowsTheBytesAndMoves) {
    const Folder folder;
    const std::string path = folder.write("a", "the bytes");
    MappedFile file{path, AccessPattern::sequential};
    EXPECT_EQ(text_of(file), "the bytes");
    EXPECT_EQ(file.path(), path);
    const std::byte* const first = file.bytes().data();
    MappedFile moved{std::move(file)};
    EXPECT_EQ(moved.bytes().data(), first);
    MappedFile other;
    EXPECT_TRUE(other.bytes().empty());
    other = std::move(moved);
    EXPECT_EQ(text_of(other), "the bytes");
}

TEST(MappedFile, AnEmptyFileHasNoBytes) {
    const Folder folder;
    EXPECT_TRUE(MappedFile{folder.write("empty")}.bytes().empty());
}

TEST(MappedFile, WhatIsNoFileIsRefusedWithTheReason) {
    const Folder folder;
    expect_says(
        thrown<IoError>([&] { MappedFile{folder.file("none")}; }),
        "No such file",
        folder.file("none")
    );
    expect_says(thrown<IoError>([&] { MappedFile{folder.path()}; }), "directory");
    EXPECT_THROW(MappedFile{"/dev/null"}, IoError);
}

}  // namespace
}  // namespace kaygraph
