#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kaygraph::runs {
namespace {

using test::Folder;

TEST(RunDirectory, GivesBackItsRecord) {
    const Folder folder;
    RunDirectory directory{posix_files(), folder.file("out.npy")};
    directory.lock();
    EXPECT_FALSE(directory.read());
    directory.write({.identity = {{"model", "hash:8"}}, .attempts = 3, .n_items = 7});
    const auto read = directory.read();
    ASSERT_TRUE(read);
    EXPECT_EQ(read->identity.at("model"), "hash:8");
    EXPECT_EQ(read->attempts, 3U);
    directory.clear();
    EXPECT_FALSE(directory.read());
}

TEST(RunDirectory, IsOfOneRunAtATime) {
    const Folder folder;
    const std::string out = folder.file("out.npy");
    {
        RunDirectory first{posix_files(), out};
        first.lock();
        test::expect_says(
            test::thrown<Error>([&] {
                RunDirectory{posix_files(), out}.lock();
            }),
            "another run works on this output",
            "process " + std::to_string(::getpid())
        );
    }
    RunDirectory{posix_files(), out}.lock();
}

/// Of a run of eight ranks the next one, of two, must find nothing when it is started with eight again.
TEST(RunDirectory, IsClearedOfAllThatRunsLeft) {
    const Folder folder;
    RunDirectory directory{posix_files(), folder.file("out.npy")};
    directory.lock();
    for (const char* name :
         {"journal.0",
          "journal.7",
          "crashes.12",
          "run.json",
          "run.json.part",
          "rejects.jsonl",
          "report.html",
          "metrics.json",
          "joblog.tsv"}) {
        folder.write(std::string{"out.npy.run/"} + name, "x");
    }
    for (const char* name : {"stdin", "notes.txt", "journal.x", "journal.", "trace.json"}) {
        folder.write(std::string{"out.npy.run/"} + name, "x");
    }
    directory.clear();
    EXPECT_FALSE(RunDirectory::is_own_name("notes.txt"));
    EXPECT_TRUE(RunDirectory::is_own_name("journal.12"));
    std::vector<std::string> left = posix_files().names_in(directory.path());
    std::sort(left.begin(), left.end());
    EXPECT_EQ(
        left,
        (std::vector<std::string>{
            "journal.", "journal.x", "lock", "notes.txt", "stdin", "trace.json"})
    );
}

TEST(RunDirectory, ThatNoRunMadeIsForeign) {
    const Folder folder;
    RunDirectory directory{posix_files(), folder.file("out.npy")};
    EXPECT_FALSE(directory.is_foreign());
    posix_files().make_directory(directory.path());
    EXPECT_FALSE(directory.is_foreign());
    folder.write("out.npy.run/notes.txt", "x");
    EXPECT_TRUE(directory.is_foreign());
    directory.lock();
    EXPECT_FALSE(directory.is_foreign());
    folder.write("b.npy.run", "a file");
    EXPECT_TRUE((RunDirectory{posix_files(), folder.file("b.npy")}.is_foreign()));
}

}  // namespace
}  // namespace kaygraph::runs
