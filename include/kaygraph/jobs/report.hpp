#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>
#include <kaygraph/metrics/report_html.hpp>

#include <string>
#include <vector>

/// @file
/// What run directories hold, for `kaygraph report`.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph::jobs {

/// What a run directory tells.
struct RunPage {
    RunDocument document = {};
    std::vector<RejectedItem> rejects = {};  ///< the first thousand
};

/// Reads rejects.jsonl of a run directory, the first thousand; none where there is no such file.
/// @throws FormatError for a line that is no rejected record; IoError.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<RejectedItem> read_rejects(
    const std::string& directory,
    FileSystem& files = posix_files()
);

/// Reads metrics.json and rejects.jsonl of a run directory, OUT.run.
/// @throws ArgumentError where no run has ended there; FormatError for files that are not what they claim to be; IoError.
[[nodiscard]] KAYGRAPH_EXPORT RunPage
read_run(const std::string& directory, FileSystem& files = posix_files());

}  // namespace kaygraph::jobs

#pragma GCC visibility pop
