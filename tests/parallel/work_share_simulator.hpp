#pragma once

#include <kaygraph/parallel/work_share.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace kaygraph::test {

/// A cluster of ranks that share the blocks of one batch, in simulated time. The ranks are the library's
/// own WorkShare; network, workers and clocks are made up, and follow from the seed alone.
struct Simulation {
    int n_ranks = 2;
    int ranks_per_node = 1;
    std::size_t n_workers = 1;  ///< of each rank
    std::size_t n_blocks = 0;
    std::function<double(std::size_t block)> cost = [](std::size_t) {
        return 1e-3;
    };  ///< seconds
    Schedule schedule = Schedule::stealing;
    std::uint64_t seed = 1;
    double poll_period = 1e-3;                     ///< s between two looks at messages
    double least_delay = 1e-6;                     ///< s; each message takes its own time, so they
    double most_delay = 50e-6;                     ///< overtake each other
    std::optional<double> stop_at = std::nullopt;  ///< s; then some rank stops the batch
};

struct Simulated {
    std::vector<int> times_run = {};  ///< by block
    bool all_retired = false;
    bool started_after_stop = false;  ///< a rank started a block after it had seen the stop
    double elapsed = 0;               ///< s until the last rank had ended
    double ideal = 0;                 ///< s: work ÷ workers, or the longest block
    std::size_t n_messages = 0;

    [[nodiscard]] double efficiency() const { return ideal / elapsed; }
};

Simulated simulate(const Simulation& simulation);

}  // namespace kaygraph::test
