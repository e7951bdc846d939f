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
    std::optional<double> stop_after = {};  ///< seconds
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

/// Tells of this build, its ranks and their places.
int show_info(bool json, const kaygraph::Runtime& ranks);
/// Tells what a file holds: a matrix, texts, a model.
int show_file(const std::string& path, bool json, const kaygraph::Runtime& ranks);

}  // namespace command
