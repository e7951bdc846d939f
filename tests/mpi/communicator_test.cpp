// The communicator itself, on ranks, with messages cut into small pieces.
#include "support/ranks.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/graph/graph.hpp>
#include <kaygraph/graph/node.hpp>
#include <kaygraph/graph/store.hpp>
#include <kaygraph/parallel/mpi.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using test::n_ranks;

std::vector<std::byte> pattern(std::size_t n, int rank) {
    std::vector<std::byte> bytes(n);
    for (std::size_t i = 0; i < n; ++i) {
        bytes[i] = static_cast<std::byte>((i * 7 + static_cast<std::size_t>(rank)) & 0xffU);
    }
    return bytes;
}

/// The ranks of the tests with messages of so many bytes at most.
class InPieces : public testing::TestWithParam<std::size_t> {
protected:
    InPieces() : runtime_(mpi::runtime(MPI_COMM_WORLD, {.largest_message = GetParam()})) {}
    ~InPieces() override { static_cast<void>(mpi::runtime(MPI_COMM_WORLD, {})); }

    Communicator& ranks() { return *runtime_.communicator(); }

private:
    Runtime runtime_;
};

TEST_P(InPieces, BytesArriveWholeFromEveryRoot) {
    for (int root = 0; root < n_ranks(); ++root) {
        for (const std::size_t n : {0U, 1U, 999U, 1000U, 12'345U}) {
            const bool is_root = ranks().rank() == root;
            EXPECT_EQ(
                ranks().broadcast(is_root ? pattern(n, root) : std::vector<std::byte>{}, root),
                pattern(n, root)
            );
        }
    }
}

TEST_P(InPieces, EveryRanksBytesAreGatheredInOrder) {
    const auto size_of = [](int rank) {
        return static_cast<std::size_t>(rank) * 3331;
    };
    const auto own = pattern(size_of(ranks().rank()), ranks().rank());
    const auto all = ranks().allgather(own);
    ASSERT_EQ(all.size(), static_cast<std::size_t>(n_ranks()));
    for (int rank = 0; rank < n_ranks(); ++rank) {
        EXPECT_EQ(all[static_cast<std::size_t>(rank)], pattern(size_of(rank), rank));
    }
    const auto at_root = ranks().gather(own);
    EXPECT_EQ(at_root.size(), ranks().is_root() ? static_cast<std::size_t>(n_ranks()) : 0U);
    if (ranks().is_root()) {
        EXPECT_EQ(at_root, all);
    }
}

TEST_P(InPieces, ATreeReducesValuesOfAnySize) {
    std::vector<std::uint64_t> sum(5000, static_cast<std::uint64_t>(ranks().rank() + 1));
    ranks().reduce(
        [&] { return encode(sum); },
        [&](std::span<const std::byte> bytes) {
            const auto other = decode<std::vector<std::uint64_t>>(bytes);
            for (std::size_t i = 0; i < sum.size(); ++i) {
                sum[i] += other[i];
            }
        }
    );
    if (ranks().is_root()) {
        const auto n = static_cast<std::uint64_t>(n_ranks());
        EXPECT_EQ(sum, std::vector<std::uint64_t>(5000, n * (n + 1) / 2));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Pieces,
    InPieces,
    testing::Values(std::size_t{1000}, std::size_t{1} << 28U),
    [](const auto& limit) { return "OfAtMost" + std::to_string(limit.param); }
);

TEST(Mpi, RuntimesOfOneCommunicatorAreOne) {
    EXPECT_EQ(
        mpi::runtime(MPI_COMM_WORLD).communicator(), mpi::runtime(MPI_COMM_WORLD).communicator()
    );
}

/// What takes longer than the others wait.
struct LongAtRoot : Node {
    int exec() const {
        std::this_thread::sleep_for(std::chrono::milliseconds{2500});
        return 7;
    }
    void post(Store& shared, int value) const { shared.set("value", value); }
};

/// Ranks took a rank 0 that read, or wrote, for longer than the stall timeout for a lost one.
TEST(Mpi, WhileRankZeroExecutesAloneItAnswers) {
    Graph graph{"long"};
    graph.add("long", LongAtRoot{}, {.where = Where::root});
    Store shared;
    const RunOptions run{
        .ranks = mpi::runtime(MPI_COMM_WORLD, {.stall_timeout = std::chrono::milliseconds{100}})};
    EXPECT_NO_THROW(graph.run(shared, run));
    EXPECT_EQ(shared.get<int>("value"), 7);
    static_cast<void>(mpi::runtime(MPI_COMM_WORLD, {}));
}

TEST(Mpi, APlacementKnowsTheNeighbours) {
    const Placement& placement = mpi::runtime(MPI_COMM_WORLD).communicator()->placement();
    EXPECT_EQ(placement.ranks_on_node, static_cast<std::size_t>(n_ranks()));
    EXPECT_EQ(placement.neighbours.size(), static_cast<std::size_t>(n_ranks() - 1));
    EXPECT_FALSE(placement.host.empty());
    EXPECT_GE(placement.threads, 1U);
}

}  // namespace
}  // namespace kaygraph
