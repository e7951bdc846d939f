#include "jobs/job_document.hpp"

#include <kaygraph/kernels/simd_level.hpp>
#include <kaygraph/version.hpp>

#include <chrono>

namespace kaygraph::jobs::detail {

double seconds_since_1970() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

RunDocument job_document(
    std::string_view job,
    const std::string& out,
    const std::string& command,
    double started,
    const RunReport& report,
    std::string_view status
) {
    RunDocument document{.started = started, .report = report};
    document.facts = {
        {"job", std::string{job}},
        {"status", std::string{status}},
        {"version", std::string{version()}},
        {"output", out},
        {"simd", std::string{kernels::to_string(kernels::simd_level())}}};
    if (!command.empty()) {
        document.facts["command"] = command;
    }
    return document;
}

}  // namespace kaygraph::jobs::detail
