#pragma once

#include "launch.hpp"
#include "verbs.hpp"

#include <kaygraph/files/matrix_format.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

namespace command {

/// Returns how bytes go to standard output. @throws kaygraph::ArgumentError where JSON is to go there, too, or where it is a
/// terminal and the bytes are no text.
[[nodiscard]] std::function<void(std::span<const std::byte>)> standard_output(
    const JobOptions& job,
    kaygraph::MatrixFormat format,
    const kaygraph::Runtime& ranks
);

/// Whether the job's output goes to standard output: nothing of it is kept.
[[nodiscard]] bool is_to_standard_output() noexcept;

/// Runs a job that may write to standard output. Where its reader has gone, which is no fault of the job, the process ends as
/// any other in a pipe, once it has tidied up.
int with_a_reader(const kaygraph::Runtime& ranks, const std::function<int()>& job);

/// A job whose output is "-" writes it to standard output, as npy if not told otherwise.
template <class Options>
void use_standard_output(Options& options, const JobOptions& job, const kaygraph::Runtime& ranks) {
    if (options.out == "-") {
        options.format = options.format.value_or(kaygraph::MatrixFormat::npy);
        options.stream = standard_output(job, *options.format, ranks);
    }
}

}  // namespace command
