#include "support/bytes.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace kaygraph::runs {
namespace {

using test::Folder;

RunRecord some_record() {
    return {
        .identity = {{"model", "hash:\"8\"\n"}, {"input 0", "a.txt, 5 bytes"}},
        .facts = {{"ranks", "2"}},
        .status = RunStatus::stopped,
        .attempts = 3,
        .most_ranks = 2,
        .n_items = 18446744073709551615U,
        .n_rejected = 4};
}

TEST(RunDirectory, GivesBackItsRecord) {
    const Folder folder;
    RunDirectory directory{posix_files(), folder.file("out.npy")};
    directory.lock();
    EXPECT_FALSE(directory.read());
    const RunRecord written = some_record();
    directory.write(written);
    const auto read = directory.read();
    ASSERT_TRUE(read);
    EXPECT_EQ(read->identity, written.identity);
    EXPECT_EQ(read->facts, written.facts);
    EXPECT_EQ(read->status, written.status);
    EXPECT_EQ(read->attempts, written.attempts);
    EXPECT_EQ(read->most_ranks, written.most_ranks);
    EXPECT_EQ(read->n_items, written.n_items);
    EXPECT_EQ(read->n_rejected, written.n_rejected);
    directory.clear(2);
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

TEST(RunDirectory, NamesEveryDifference) {
    RunRecord now = some_record();
    EXPECT_TRUE(differences(some_record(), now).empty());
    now.identity["model"] = "hash:9";
    now.identity.erase("input 0");
    now.identity["input 1"] = "b.txt";
    const auto lines = differences(some_record(), now);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0], "input 1: b.txt, was not there");
    EXPECT_EQ(lines[1], "model: hash:9, was hash:\"8\"\n");
    EXPECT_EQ(lines[2], "input 0: no longer there, was a.txt, 5 bytes");
}

TEST(RunDirectory, RefusesWhatIsNoRecord) {
    const Folder folder;
    RunDirectory directory{posix_files(), folder.file("out.npy")};
    directory.lock();
    directory.write(some_record());
    const std::string name = "out.npy.run/run.json";
    const std::string good = folder.read(name);
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        folder.write(name, text.replace(at, from.size(), to));
        try {
            static_cast<void>(directory.read());
            return false;
        } catch (const FormatError&) {
            return true;
        }
    };
    EXPECT_TRUE(with("\"format\": 1", "\"format\": 2"));
    EXPECT_TRUE(with("\"format\": 1", "\"format\": -1"));
    EXPECT_TRUE(with("\"stopped\"", "\"sleeping\""));
    EXPECT_TRUE(with("\"most_ranks\": 2", "\"most_ranks\": 4000000000"));
    EXPECT_TRUE(with("\"identity\": {", "\"identity\": [{"));
    EXPECT_TRUE(with("\"ranks\": \"2\"", "\"ranks\": 2"));
    EXPECT_TRUE(with("\"attempts\": 3", "\"attempts\": 3.5"));
    EXPECT_TRUE(with(good, "[]"));
    EXPECT_TRUE(with(good, good.substr(0, good.size() / 2)));
    EXPECT_FALSE(with("stopped", "failed"));
}

TEST(FileIdentity, FollowsFromSizeTimeAndPieces) {
    const Folder folder;
    std::string text(1'000'000, 'x');
    const auto identity = [&] {
        const std::string path = folder.write("a", text);
        std::filesystem::last_write_time(path, {});
        return file_identity(posix_files(), path);
    };
    const std::string before = identity();
    EXPECT_EQ(identity(), before);
    text.back() = 'y';
    EXPECT_NE(identity(), before);
    text.back() = 'x';
    text.front() = 'y';
    EXPECT_NE(identity(), before);
    for (const std::size_t n : {0U, 1U, 4096U, 4097U, 8192U}) {
        text.assign(n, 'z');
        EXPECT_TRUE(identity().starts_with(std::to_string(n) + " bytes")) << n;
    }
}

}  // namespace
}  // namespace kaygraph::runs
