#pragma once

#include <kaygraph/metrics/run_document.hpp>

#include <string>
#include <string_view>

namespace kaygraph::jobs::detail {

[[nodiscard]] double seconds_since_1970();

/// What the document of every job says; a job adds its own facts and totals. `command` may be empty.
[[nodiscard]] RunDocument job_document(
    std::string_view job,
    const std::string& out,
    const std::string& command,
    double started,
    const RunReport& report,
    std::string_view status
);

}  // namespace kaygraph::jobs::detail
