#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/range_set.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/graph/run_options.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// @file
/// The job behind `kaygraph verify`: is an output still what its run wrote?

#pragma GCC visibility push(hidden)

namespace kaygraph::jobs {

struct VerifyOptions {
    std::string file;  ///< the output; FILE.run stands beside it
    std::function<void(const Progress&)> progress = {};
};

/// What was found; the same on all ranks.
struct VerifyResult {
    bool is_complete = false;      ///< else what was compared is the unfinished FILE.part
    std::uint64_t n_items = 0;     ///< of the run
    std::uint64_t n_compared = 0;  ///< items whose bytes were compared with the hash of their block
    RangeSet damaged = {};         ///< items of blocks that are not what was written
    std::uint64_t n_files = 0;     ///< that a complete run made
    /// Of these those that are not what was written: "out.npy.ids.jsonl: gone; the same command makes it again".
    std::vector<std::string> wrong_files = {};

    /// Whether all that was written is as it was, and the journals tell of all of it.
    [[nodiscard]] bool is_whole() const noexcept {
        return damaged.empty() && wrong_files.empty() && n_compared == n_items;
    }
};

/// Collective over the ranks of `run`. Compares every block of a run's output with the hash that its journal has, and the files
/// beside it (ids, row numbers, rejects) with those that run.json has.
/// @throws ArgumentError where there is no run directory; FormatError for a damaged one, or a matrix that is none;
/// IoError; Stopped.
/// @par MPI Collective over the ranks.
/// @par Threads The thread that may communicate.
KAYGRAPH_EXPORT VerifyResult verify(const VerifyOptions& options, const RunOptions& run = {});

}  // namespace kaygraph::jobs

#pragma GCC visibility pop
