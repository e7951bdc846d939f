// Power cuts: whatever of the changes that were not synced reaches the device, a later run makes the right output or refuses
// to go on; it never takes a wrong one for right.
#include "support/power_cut.hpp"

#include "jobs/texts.hpp"

#include "support/ranks.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/jobs/embed.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

namespace kaygraph {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::Survivors;

/// A folder in memory, where there is one: thousands of states are made and thrown away.
class Scratch {
public:
    Scratch()
        : path_(
            (fs::exists("/dev/shm") ? fs::path{"/dev/shm"} : fs::temp_directory_path())
            / ("kaygraph-power-cut-" + std::to_string(::getpid()))
        ) {
        fs::create_directories(path_ / "run");
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code error;
        fs::remove_all(path_, error);
    }
    [[nodiscard]] fs::path operator/(const std::string& name) const { return path_ / name; }

private:
    fs::path path_;
};

struct Case {
    jobs::OnReject on_reject;
    runs::Durability durability;
    bool with_ids;
    bool is_interrupted;  ///< runs into its budget of errors first, then goes on
};

class PowerCut : public ::testing::TestWithParam<Case> {
protected:
    [[nodiscard]] jobs::EmbedOptions options(const fs::path& folder) const {
        jobs::EmbedOptions options{
            .inputs = {(scratch_ / "in.jsonl").string()},
            .model = "hash:24",
            .out = (folder / "out.npy").string(),
            .on_reject = GetParam().on_reject,
            .durability = GetParam().durability,
            .max_errors = {.count = 4},
            .block = 16};
        if (GetParam().with_ids) {
            options.id_field = "id";
        }
        return options;
    }

    void write_input() const {
        std::ofstream out{scratch_ / "in.jsonl"};
        std::size_t n = 0;
        for (const std::string& text : test::some_texts(200, 3)) {
            ++n;
            out
                << (n % 50 == 0
                        ? "{broken\n"
                        : "{\"id\": " + std::to_string(n) + ", \"text\": \"" + text + "\"}\n");
        }
    }

    /// All that a state must end with.
    [[nodiscard]] std::string output_in(const fs::path& folder) const {
        std::string all = read_file((folder / "out.npy").string());
        all += read_file((folder / "out.npy.run/rejects.jsonl").string());
        if (GetParam().with_ids) {
            all += read_file((folder / "out.npy.ids.jsonl").string());
        }
        if (GetParam().on_reject == jobs::OnReject::skip) {
            all += read_file((folder / "out.npy.rows.npy").string());
        }
        return all;
    }

    /// Goes on from a state as a user would: the same command, then, where it refuses to, --fresh --overwrite.
    void judge_state(const fs::path& state) {
        ++n_states_;
        try {
            jobs::embed(options(state), {.threads = 1});
        } catch (const FormatError&) {
            ++n_refused_;
            jobs::EmbedOptions anew = options(state);
            anew.resume.fresh = true;
            anew.resume.overwrite = true;
            jobs::embed(anew, {.threads = 1});
        }
        ASSERT_EQ(output_in(state), wanted_);
    }

    Scratch scratch_;
    std::string wanted_;
    std::size_t n_states_ = 0;
    std::size_t n_refused_ = 0;
};

TEST_P(PowerCut, NeverMakesAWrongOutput) {
    if (test::n_ranks() > 1) {
        GTEST_SKIP() << "one process is enough";
    }
    write_input();
    const std::string origin = (scratch_ / "run").string();
    test::RecordingFiles files{posix_files()};
    jobs::EmbedOptions recorded = options(origin);
    recorded.files = &files;
    if (GetParam().is_interrupted) {
        jobs::EmbedOptions first = recorded;
        first.max_errors = {.count = 1};
        EXPECT_THROW(jobs::embed(first, {.threads = 1}), Error);
    }
    jobs::embed(recorded, {.threads = 1});
    wanted_ = output_in(origin);
    ASSERT_GT(wanted_.size(), 196U * 24 * 4);

    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes it here
    const char* wanted_states = std::getenv("KAYGRAPH_POWER_CUT_STATES");
    const std::size_t n_random = wanted_states == nullptr ? 60 : std::stoul(wanted_states);
    std::mt19937_64 random{20261126};
    const std::size_t n_changes = files.changes().size();
    const auto cut = [&](std::size_t after, Survivors survivors) {
        const fs::path state = scratch_ / "state";
        test::rebuild(files.changes(), after, survivors, random, origin, state);
        judge_state(state);
        if (HasFatalFailure()) {
            std::cerr << "power cut after change " << after << " of " << n_changes << "\n";
        }
        fs::remove_all(state);
    };
    for (std::size_t i = 0; i < n_random && !HasFatalFailure(); ++i) {
        cut(random() % (n_changes + 1), i % 4 == 0 ? Survivors::all_but_one : Survivors::random);
    }
    const std::size_t step = wanted_states == nullptr ? 7 : 1;
    for (std::size_t after = 0; after <= n_changes && !HasFatalFailure(); after += step) {
        cut(after, Survivors::none);
        cut(after, Survivors::all);
    }
    std::cout << n_states_ << " states of " << n_changes << " changes, " << n_refused_
              << " refused\n";
}

INSTANTIATE_TEST_SUITE_P(
    Runs,
    PowerCut,
    ::testing::Values(
        Case{jobs::OnReject::zero_row, runs::Durability::block, false, false},
        Case{jobs::OnReject::zero_row, runs::Durability::batch, false, true},
        Case{jobs::OnReject::skip, runs::Durability::batch, true, false},
        Case{jobs::OnReject::skip, runs::Durability::none, true, true}
    )
);

}  // namespace
}  // namespace kaygraph
