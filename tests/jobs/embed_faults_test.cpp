// Calls of the file layer that fail, twice in a row: whatever they left, the same call without a fault ends with the right files.
#include "jobs/texts.hpp"

#include "support/faulty_files.hpp"
#include "support/ranks.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/jobs/verify.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>
#include <string>

namespace kaygraph {
namespace {

namespace fs = std::filesystem;
using test::FaultyFiles;
using test::SharedFolder;

class TwoFaults : public ::testing::TestWithParam<bool> {
protected:
    [[nodiscard]] jobs::EmbedOptions options() const {
        std::string lines;
        for (std::size_t i = 0; i < 60; ++i) {
            lines += i % 20 == 7 ? "{broken\n"
                                 : "{\"id\": " + std::to_string(i) + ", \"text\": \"text "
                                       + std::to_string(i) + "\"}\n";
        }
        return {
            .inputs = {folder_.write("a.jsonl", lines)},
            .model = "hash:8",
            .out = folder_ / (GetParam() ? "out.txt" : "out.npy"),
            .id_field = "id",
            .on_reject = GetParam() ? jobs::OnReject::zero_row : jobs::OnReject::skip,
            .durability = runs::Durability::block,
            .max_errors = {.count = 3},
            .block = 16};
    }
    /// Returns how many calls were made.
    static std::size_t run(jobs::EmbedOptions options, std::size_t failing_call) {
        FaultyFiles files{posix_files(), test::Fault{.call = failing_call}};
        options.files = &files;
        try {
            jobs::embed(options, {.threads = 1});
        } catch (const Error&) {  // a fault may also be one of no weight
        }
        return files.calls().size();
    }
    [[nodiscard]] std::map<std::string, std::string> products(const std::string& out) const {
        std::map<std::string, std::string> bytes;
        for (const std::string suffix : {"", ".ids.jsonl", ".rows.npy", ".run/rejects.jsonl"}) {
            bytes[suffix] = fs::exists(out + suffix) ? test::read_file(out + suffix) : "none";
        }
        return bytes;
    }

    SharedFolder folder_;
};

TEST_P(TwoFaults, LeaveNothingThatStopsTheThirdRun) {
    if (test::n_ranks() > 1) {
        GTEST_SKIP() << "one process is enough";
    }
    const jobs::EmbedOptions given = options();
    const std::size_t n_calls = run(given, 1'000'000);
    const auto wanted = products(given.out);
    std::mt19937_64 random{20261127};
    // most of what can go wrong with names happens at the end
    for (std::size_t first = n_calls / 2; first < n_calls; first += 1 + random() % 3) {
        for (int i = 0; i < 2; ++i) {
            const std::size_t second = random() % n_calls;
            for (const auto& entry : fs::directory_iterator{fs::path{given.out}.parent_path()}) {
                if (entry.path() != given.inputs.front()) {
                    fs::remove_all(entry.path());
                }
            }
            run(given, first);
            run(given, second);
            ASSERT_NO_THROW(jobs::embed(given, {.threads = 1})) << first << ", " << second;
            ASSERT_EQ(products(given.out), wanted) << first << ", " << second;
            ASSERT_TRUE(jobs::verify({.file = given.out}).is_whole()) << first << ", " << second;
            ASSERT_FALSE(fs::exists(given.out + ".unfiltered.part")) << first << ", " << second;
            ASSERT_FALSE(fs::exists(given.out + ".ids.jsonl.part")) << first << ", " << second;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Outputs, TwoFaults, ::testing::Values(false, true));

}  // namespace
}  // namespace kaygraph
