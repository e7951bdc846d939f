#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/jobs/path_guard.hpp>
#include <kaygraph/metrics/run_document.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>

namespace kaygraph::jobs {
namespace {

namespace fs = std::filesystem;
using test::expect_says;
using test::Folder;
using test::thrown;

std::string some_page() {
    return to_prometheus({.facts = {{"job", "embed"}}});
}

/// A guard that knows the input a.txt and the output out.npy, with its run.
PathGuard some_guard(const Folder& folder, bool overwrite = false) {
    PathGuard guard{posix_files(), overwrite};
    guard.reads("an input", folder.file("a.txt"));
    guard.writes("the output", folder.file("out.npy"));
    guard.writes_run_of(folder.file("out.npy"));
    return guard;
}

TEST(PathGuard, KnowsFilesByWhatTheyAre) {
    const Folder folder;
    folder.write("a.txt", "x");
    folder.write("d/b.txt", "x");
    fs::create_hard_link(folder.file("a.txt"), folder.file("hard"));
    fs::create_directory_symlink(folder.file("d"), folder.file("way"));
    const auto refused = [&](const std::string& path, const std::string& why) {
        PathGuard guard = some_guard(folder, true);
        guard.reads("another", folder.file("d/b.txt"));
        expect_says(
            thrown<ArgumentError>([&] { guard.writes_side("the page", folder.file(path)); }),
            "the page",
            why
        );
    };
    refused("a.txt", "is also an input");
    refused("d/../a.txt", "is also an input");
    refused("hard", "is also an input");
    refused("way/b.txt", "is also another");
    refused("out.npy", "is also the output");
    refused("d/../out.npy", "is also the output");
    refused("out.npy.part", "unfinished");
    refused("out.npy.run", "the folder of the run");
    refused("out.npy.run/journal.3", "a file of the run");
    refused("out.npy.run/lock", "a file of the run");
    EXPECT_FALSE(folder.has("out.npy.run"));
}

/// Two files that are not there yet are compared by their names, each in its folder.
TEST(PathGuard, KnowsFilesThatAreToBe) {
    const Folder folder;
    folder.write("a.txt", "x");
    fs::create_directory(folder.file("d"));
    fs::create_directory_symlink(folder.file("d"), folder.file("way"));
    PathGuard guard = some_guard(folder);
    guard.writes_side("a trace", folder.file("d/new"));
    EXPECT_THROW(guard.writes_side("a page", folder.file("way/new")), ArgumentError);
    EXPECT_THROW(guard.writes_side("a page", folder.file("d/./new.part")), ArgumentError);
    guard.writes_side("a page", folder.file("way/new.html"));
    guard.writes_side("a page", folder.file("out.npy.run/report.html"));  // its folder is to be
    EXPECT_FALSE(folder.has("d/new.html.part"));
}

TEST(PathGuard, TakesNoLinksDevicesOrDirectories) {
    const Folder folder;
    folder.write("a.txt", "x");
    fs::create_directory(folder.file("d"));
    fs::create_symlink(folder.file("nowhere"), folder.file("link"));
    ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
    const auto refused = [&](const std::string& path, const std::string& why) {
        PathGuard guard = some_guard(folder, true);
        expect_says(thrown<ArgumentError>([&] { guard.writes_side("x", path); }), why);
        expect_says(thrown<ArgumentError>([&] { guard.writes("y", path); }), why);
    };
    refused(folder.file("link"), "a link");
    refused(folder.file("pipe"), "a device or a pipe");
    refused(folder.file("d"), "a directory");
    refused(folder.file("d/"), "a directory");
    refused(folder.file("e/"), "a directory");
    refused("/dev/null", "a device");
    refused("-", "not standard output");
    PathGuard guard = some_guard(folder);
    EXPECT_THROW(guard.writes("y", folder.file("none/x")), IoError);
    EXPECT_THROW(guard.writes_side("y", folder.file("a.txt/x")), IoError);
    EXPECT_THROW(guard.writes_side("y", "/proc/x"), IoError);
}

TEST(PathGuard, LeavesWhatNoRunMade) {
    const Folder folder;
    folder.write("a.txt", "x");
    const std::string path = folder.file("page");
    const auto judge = [&](bool overwrite = false) {
        some_guard(folder, overwrite).writes_side("the page", path);
    };
    judge();
    for (const std::string text : {"precious", "", "<!doctype html>\n<html>"}) {
        folder.write("page", text);
        expect_says(thrown<ArgumentError>([&] { judge(); }), "--overwrite", path);
        judge(true);
    }
    folder.write("page", some_page());
    judge();
    folder.write("page.part", "precious");
    EXPECT_THROW(judge(), ArgumentError);
    folder.write("page.part", std::string(10, '\0'));  // of a write that never reached the disk
    judge();
    folder.write("page.part", some_page().substr(0, 40));
    judge();
    EXPECT_TRUE(folder.has("page.part"));  // a guard removes nothing
}

}  // namespace
}  // namespace kaygraph::jobs
