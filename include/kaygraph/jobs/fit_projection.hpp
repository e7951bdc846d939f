#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/matrix_format.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/graph/run_options.hpp>
#include <kaygraph/jobs/path_guard.hpp>
#include <kaygraph/metrics/run_document.hpp>
#include <kaygraph/runs/run_directory.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// @file
/// The job behind `kaygraph fit-projection`: the principal axes of vectors, as a matrix to multiply with.

#pragma GCC visibility push(hidden)

namespace kaygraph::jobs {

struct FitProjectionOptions {
    std::string input;                        ///< a matrix file of n rows, d columns
    std::string out;                          ///< gets the matrix, d × n_axes, f32
    std::size_t n_axes = 0;                   ///< in [1, d]
    std::optional<MatrixFormat> format = {};  ///< empty: by the name of `out`
    /// Takes the bytes of the matrix file instead, in their order, on rank 0. `out` is then a name for messages alone, and
    /// nothing of the run is kept.
    std::function<void(std::span<const std::byte>)> stream = {};
    runs::ResumeOptions resume = {};
    std::function<void(const char* phase, const Progress&)> progress = {};
    SideFiles side = {};  ///< of the caller: none of them may be one of the job's
    /// How the run was asked for, as its files tell it; empty: they do not.
    std::string command = {};
    /// Told on rank 0 how the run ended, well or not, before the call returns or throws.
    std::function<void(const RunDocument&)> ended = {};
};

struct FitProjectionResult {
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;                ///< d
    std::vector<double> explained_shares;  ///< of the variance, by axis
    bool was_complete = false;             ///< an earlier run had made all of it
    RunReport report;
};

/// Collective over the ranks of `run`. Finds the axes along which the vectors vary most: the eigenvectors
/// of their covariance, by falling eigenvalue (principal component analysis; Jolliffe, Principal Component
/// Analysis, 2nd ed. 2002, chapter 1). The component of largest magnitude of each axis is positive.
///
/// A projection is a multiplication and subtracts no mean: the projected vectors of a corpus are shifted
/// by a constant, their differences and distances are those of the centred ones.
/// Sums are float64 over leaves of rows that follow from the number of rows alone, added in order: the
/// bytes do not depend on ranks and threads.
///
/// Beside OUT stands OUT.run, by which a later call knows that all is done, and another that OUT is not its own. What was
/// not finished is begun anew.
/// @throws ArgumentError for options that do not fit, or fewer than two rows; as jobs::embed.
/// @par MPI Collective over the ranks.
/// @par Threads The thread that may communicate.
KAYGRAPH_EXPORT FitProjectionResult
fit_projection(const FitProjectionOptions& options, const RunOptions& run = {});

}  // namespace kaygraph::jobs

#pragma GCC visibility pop
