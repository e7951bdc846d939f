// Runs the tests: alone, or under mpirun on all ranks, which then end each test together.
#include "support/ranks.hpp"

#include <gtest/gtest.h>

#ifdef KAYGRAPH_WITH_MPI
#    include <kaygraph/parallel/launcher.hpp>
#    include <kaygraph/parallel/mpi.hpp>
#endif

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#ifdef KAYGRAPH_WITH_MPI
namespace kaygraph::test {
namespace {

/// Gathers the failures of all ranks at the end of each test. A failure anywhere is one everywhere.
class FailuresOfRanks final : public testing::EmptyTestEventListener {
public:
    [[nodiscard]] bool any() const noexcept { return any_; }

private:
    void OnTestEnd(const testing::TestInfo& test) override {
        std::string own;
        const testing::TestResult& result = *test.result();
        for (int i = 0; i < result.total_part_count(); ++i) {
            const testing::TestPartResult& part = result.GetTestPartResult(i);
            if (part.failed()) {
                own += std::string{part.file_name() == nullptr ? "" : part.file_name()} + ":"
                       + std::to_string(part.line_number()) + ": " + part.message() + "\n";
            }
        }
        const std::vector<std::string> all = all_texts(own);
        for (std::size_t rank = 0; rank < all.size(); ++rank) {
            any_ = any_ || !all[rank].empty();
            if (!all[rank].empty() && ranks().rank() == 0) {
                std::printf(
                    "[rank %zu FAILED] %s.%s\n%s",
                    rank,
                    test.test_suite_name(),
                    test.name(),
                    all[rank].c_str()
                );
            }
        }
        std::fflush(stdout);
    }

    bool any_ = false;
};

/// Ranks that test a property draw the same numbers: RC_PARAMS, or a seed that rank 0 draws.
void share_seed() {
    const std::string drawn =
        "max_success=20 seed="
        + std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
    setenv("RC_PARAMS", all_texts(drawn).front().c_str(), 0);
}

int run_on_ranks() {
    share_seed();
    testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
    auto* failures = new FailuresOfRanks;  // the listeners own it
    if (ranks().rank() != 0) {
        delete listeners.Release(listeners.default_result_printer());
    }
    listeners.Append(failures);
    const int result = RUN_ALL_TESTS();
    return failures->any() ? 1 : result;
}

}  // namespace
}  // namespace kaygraph::test
#endif

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
#ifdef KAYGRAPH_WITH_MPI
    if (kaygraph::launched_task()) {
        return kaygraph::mpi::Session::run(
            argc,
            argv,
            [](kaygraph::mpi::Session& session) {
                kaygraph::test::set_ranks(session.runtime());
                return kaygraph::test::run_on_ranks();
            },
            {.runtime = {.stall_timeout = std::chrono::seconds{60}}}
        );
    }
#endif
    return RUN_ALL_TESTS();
}
