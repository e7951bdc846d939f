#pragma once

#include "progress_line.hpp"

#include <kaygraph/jobs/convert.hpp>
#include <kaygraph/jobs/embed.hpp>
#include <kaygraph/jobs/fit_projection.hpp>
#include <kaygraph/jobs/verify.hpp>
#include <kaygraph/parallel/communicator.hpp>

#include <cstddef>
#include <optional>
#include <string>

/// @file
/// The verbs of the command: what each does with its options, on all ranks. They return exit codes.

namespace command {

/// What all jobs take.
struct JobOptions {
    std::optional<std::size_t> threads = {};
    std::optional<double> stop_after = {};     ///< seconds
    std::optional<double> stall_timeout = {};  ///< seconds; 0: none
    std::string metrics = {};                  ///< where Prometheus text goes; empty: nowhere
    std::string trace = {};                    ///< where a trace goes
    std::string report = {};                   ///< where a page goes
    kaygraph::LogLevel log_level = kaygraph::LogLevel::warning;
    std::string config = {};  ///< read before all others
    std::string command =
        {};  ///< what was asked for, with what comes from elsewhere than the command line
    bool alone = false;    ///< without ranks, whatever launcher started this process
    bool dry_run = false;  ///< tell what would be done
    ShowProgress progress = ShowProgress::automatic;
    bool json = false;   ///< one document on standard output
    bool quiet = false;  ///< no talk
};

int run_embed(
    kaygraph::jobs::EmbedOptions options,
    const JobOptions& job,
    const kaygraph::Runtime& ranks
);
int run_convert(
    kaygraph::jobs::ConvertOptions options,
    const JobOptions& job,
    const kaygraph::Runtime& ranks
);
int run_fit_projection(
    kaygraph::jobs::FitProjectionOptions options,
    const JobOptions& job,
    const kaygraph::Runtime& ranks
);

int run_verify(
    kaygraph::jobs::VerifyOptions options,
    const JobOptions& job,
    const kaygraph::Runtime& ranks
);

/// Makes the page of a run directory, or of the output beside it. `overwrite`: whatever file is there.
int run_report(
    const std::string& directory,
    const std::string& out,
    bool overwrite,
    const kaygraph::Runtime& ranks
);

/// Tries what the promises rest on; in a folder that all ranks share.
int run_selftest(const std::string& directory, const kaygraph::Runtime& ranks);

/// Tells of this build, its ranks and their places.
int show_info(bool json, const kaygraph::Runtime& ranks);
/// Tells what a file holds: a matrix, texts, a model.
int show_file(const std::string& path, bool json, const kaygraph::Runtime& ranks);

}  // namespace command
