#pragma once

#include "jobs/job_run.hpp"

#include <kaygraph/graph/batch_result.hpp>
#include <kaygraph/graph/node.hpp>

#include <cstdint>
#include <vector>

namespace kaygraph::jobs::detail {

/// A part of a file that is not known to be what it was.
struct DoubtfulPart {
    const DoubtfulFile* file = nullptr;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

/// Hashes the content of files, spread over ranks and threads.
struct HashFiles : ParallelBatchNode {
    const RunStart* start;
    FileHashes* hashes;  ///< gets them, on rank 0
    /// Of the files in the record those before this one are read by others; null: none.
    const std::uint64_t* first_index = nullptr;

    struct State {
        std::vector<std::byte> room;
    };

    std::vector<DoubtfulPart> prep(const Store& shared) const;
    State thread_state() const { return {}; }
    std::vector<Hash128> exec(const DoubtfulPart& part, State& state) const;
    void post(
        Store& shared,
        const std::vector<DoubtfulPart>& parts,
        BatchResult<std::vector<Hash128>> pieces,
        const Context& context
    ) const;
};

}  // namespace kaygraph::jobs::detail
