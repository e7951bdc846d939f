#include "support/bytes.hpp"
#include "support/faulty_files.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/file_system.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::FaultyFiles;
using test::FileCall;
using test::Folder;
using test::thrown;

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text});
}

std::string read(File& file, std::uint64_t offset, std::size_t size) {
    std::string text(size, '?');
    text.resize(file.read_at(offset, std::as_writable_bytes(std::span{text})));
    return text;
}

TEST(PosixFiles, WritesAndReadsAtOffsets) {
    const Folder folder;
    const auto file = posix_files().open(folder.file("a"), OpenMode::create);
    file->resize(10);
    file->write_at(4, bytes_of("abc"));
    file->write_at(12, bytes_of("xy"));
    EXPECT_EQ(read(*file, 3, 5), std::string("\0abc\0", 5));
    EXPECT_EQ(read(*file, 10, 100), std::string("\0\0xy", 4));
    EXPECT_EQ(read(*file, 14, 5), "");
    EXPECT_EQ(file->status().bytes, 14U);
    file->resize(5);
    file->sync();
    file->close();
    file->close();
    EXPECT_EQ(folder.read("a"), std::string("\0\0\0\0a", 5));
}

TEST(PosixFiles, OpensAsTheModeSays) {
    const Folder folder;
    const std::string path = folder.write("a", "kept");
    expect_says(
        thrown<IoError>([&] { (void)posix_files().open(path, OpenMode::create); }),
        "cannot create",
        "File exists",
        path
    );
    EXPECT_EQ(read(*posix_files().open(path, OpenMode::open_or_create), 0, 9), "kept");
    EXPECT_EQ(read(*posix_files().open(path, OpenMode::read), 0, 9), "kept");
    EXPECT_THROW(posix_files().open(path, OpenMode::read)->write_at(0, bytes_of("x")), IoError);
    EXPECT_THROW((void)posix_files().open(folder.file("b"), OpenMode::read), IoError);
    (void)posix_files().open(folder.file("b"), OpenMode::open_or_create);
    EXPECT_TRUE(folder.has("b"));
}

TEST(PosixFiles, ALinkIsNotFollowedWhereAFileIsWritten) {
    const Folder folder;
    const std::string target = folder.write("target", "precious");
    std::filesystem::create_symlink(target, folder.file("link"));
    EXPECT_THROW((void)posix_files().open(folder.file("link"), OpenMode::create), IoError);
    EXPECT_THROW((void)posix_files().open(folder.file("link"), OpenMode::open_or_create), IoError);
    EXPECT_EQ(read(*posix_files().open(folder.file("link"), OpenMode::read), 0, 9), "precious");
}

TEST(PosixFiles, NamesAreMadeChangedAndRemoved) {
    const Folder folder;
    FileSystem& files = posix_files();
    files.make_directory(folder.file("d"));
    files.make_directory(folder.file("d"));
    EXPECT_TRUE(files.status(folder.file("d"))->is_directory);
    EXPECT_FALSE(files.status(folder.file("none")).has_value());
    const std::string a = folder.write("d/a", "new");
    const std::string b = folder.write("d/b", "old");
    EXPECT_EQ(files.status(a)->bytes, 3U);
    EXPECT_TRUE(files.status(a)->is_regular);
    EXPECT_GT(files.status(a)->modified_ns, 0);
    EXPECT_EQ(files.status(a)->inode, files.status(folder.path() + "/d/../d/a")->inode);
    files.rename(a, b);
    EXPECT_EQ(folder.read("d/b"), "new");
    EXPECT_FALSE(folder.has("d/a"));
    files.sync_directory(folder.file("d"));
    files.remove(b);
    files.remove(b);
    EXPECT_FALSE(folder.has("d/b"));
    EXPECT_THROW(files.rename(a, b), IoError);
    EXPECT_THROW(files.remove(folder.file("d")), IoError);
    EXPECT_THROW(files.sync_directory(folder.file("none")), IoError);
    EXPECT_THROW(files.make_directory(folder.file("none/d")), IoError);
}

TEST(PosixFiles, TellsWhatAJobAsksBeforeItWorks) {
    const Folder folder;
    FileSystem& files = posix_files();
    const std::string a = folder.write("d/a", "x");
    folder.write("d/e/f", "x");
    EXPECT_TRUE(files.names_in(folder.file("none")).empty());
    EXPECT_THROW((void)files.names_in(a), IoError);
    std::vector<std::string> names = files.names_in(folder.file("d"));
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"a", "e"}));
    EXPECT_TRUE(files.may_write_in(folder.file("d")));
    EXPECT_FALSE(files.may_write_in(folder.file("none")));
    EXPECT_FALSE(files.may_write_in("/proc/self"));
    EXPECT_GT(files.free_bytes(folder.path()).value_or(0), 0U);
    EXPECT_FALSE(files.free_bytes(folder.file("none")));
    EXPECT_FALSE(files.free_bytes("/proc"));  // which counts nothing
    const auto holes = files.open(folder.file("holes"), OpenMode::create);
    holes->resize(100'000'000);
    EXPECT_LT(holes->status().allocated_bytes, 1'000'000U);
    // another name is a change of the file, not of its bytes
    const FileStatus before = *files.status(a);
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    std::filesystem::create_hard_link(a, folder.file("link"));
    const FileStatus after = *files.status(a);
    EXPECT_EQ(after.modified_ns, before.modified_ns);
    EXPECT_NE(after.changed_ns, before.changed_ns);
}

TEST(PosixFiles, AFullDeviceIsAnErrorWithItsReason) {
    const auto full = posix_files().open("/dev/full", OpenMode::open_or_create);
    expect_says(
        thrown<IoError>([&] { full->write_at(0, bytes_of("x")); }), "No space left", "/dev/full"
    );
}

TEST(PosixFiles, AWriteThatEndsShortIsGoneOnWithUntilItFails) {
    const Folder folder;
    const auto file = posix_files().open(folder.file("a"), OpenMode::create);
    const auto old_action = std::signal(SIGXFSZ, SIG_IGN);
    rlimit old_limit{};
    ::getrlimit(RLIMIT_FSIZE, &old_limit);
    const rlimit limit{100, old_limit.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string text(150, 'x');
    const std::string message = thrown<IoError>([&] { file->write_at(0, bytes_of(text)); });
    ::setrlimit(RLIMIT_FSIZE, &old_limit);
    std::signal(SIGXFSZ, old_action);
    expect_says(message, "cannot write", "File too large");
    EXPECT_EQ(file->status().bytes, 100U);
}

TEST(PosixFiles, DirectoriesOfPaths) {
    EXPECT_EQ(directory_of("a"), ".");
    EXPECT_EQ(directory_of("/a"), "/");
    EXPECT_EQ(directory_of("x/y/a"), "x/y");
}

TEST(FaultyFiles, FailsTheCallThatItIsToldTo) {
    const Folder folder;
    FaultyFiles files{
        posix_files(),
        test::Fault{.call = 1, .kind = FileCall::write_at, .error = ENOSPC, .written_first = 2}};
    const auto file = files.open(folder.file("a"), OpenMode::create);
    file->write_at(0, bytes_of("abc"));
    expect_says(
        thrown<IoError>([&] { file->write_at(3, bytes_of("def")); }),
        "No space left",
        folder.file("a")
    );
    EXPECT_EQ(folder.read("a"), "abcde");
    file->write_at(3, bytes_of("def"));
    EXPECT_EQ(
        files.calls(),
        (std::vector{FileCall::open, FileCall::write_at, FileCall::write_at, FileCall::write_at})
    );
    FaultyFiles full{posix_files(), test::Fault{.call = 1, .lasts = true}};
    EXPECT_NO_THROW((void)full.status("a"));
    EXPECT_THROW((void)full.status("a"), IoError);
    EXPECT_THROW(full.remove("a"), IoError);
}

}  // namespace
}  // namespace kaygraph
