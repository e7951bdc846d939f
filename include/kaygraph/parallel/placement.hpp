#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

/// @file
/// Where the ranks of a job are, and what that means for their threads.
/// @par MPI Local: plain data, gathered when a communicator is made.
/// @par Threads Values.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What one rank says of itself.
struct RankPlace {
    std::string host = {};
    int node = 0;                         ///< number of its node, by first rank
    std::vector<std::size_t> cores = {};  ///< the cores of its affinity mask
    std::size_t usable_cores = 1;         ///< as `usable_cores()`
    std::size_t cores_of_host = 1;        ///< all that its node has

    static auto codec(auto& self) {
        return std::tie(self.host, self.node, self.cores, self.usable_cores, self.cores_of_host);
    }
};

/// The ranks of a communicator on their nodes, from one rank's view.
struct KAYGRAPH_EXPORT Placement {
    std::string host = {};              ///< name of this rank's node
    std::size_t n_nodes = 1;            ///< nodes with ranks
    std::size_t ranks_on_node = 1;      ///< ranks on this rank's node
    std::vector<int> neighbours = {};   ///< the other ranks on this rank's node
    std::size_t cores = 1;              ///< usable cores of this rank
    std::size_t ranks_sharing = 1;      ///< ranks whose affinity masks overlap with this rank's
    std::size_t threads = 1;            ///< default threads: cores ÷ ranks that share them
    bool is_bound_to_one_core = false;  ///< though its node has more

    /// Returns what to mend for a run with so many threads on each rank, a sentence each.
    [[nodiscard]] std::vector<std::string> hints(std::size_t threads_per_rank) const;
};

/// Returns what this process says of itself; the node is not known yet.
[[nodiscard]] KAYGRAPH_EXPORT RankPlace this_place();

/// Puts together what all ranks say. Shapes: places[r] is rank r.
[[nodiscard]] KAYGRAPH_EXPORT Placement place_ranks(const std::vector<RankPlace>& places, int rank);

}  // namespace kaygraph

#pragma GCC visibility pop
