#pragma once

#include "stop_requests.hpp"
#include "verbs.hpp"

#include <kaygraph/kaygraph.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace command {

/// What a job says while it works, on rank 0: which cores it uses, how far it is, what it made.
class JobTalk {
public:
    JobTalk(std::string_view verb, const JobOptions& options, const kaygraph::Runtime& ranks);

    /// How the job's graph is run.
    [[nodiscard]] kaygraph::RunOptions run_options() const;
    /// Tells of progress; the others than rank 0 are silent.
    void progress(const char* phase, const kaygraph::Progress& progress);
    /// Tells the result: a sentence on standard error, or a JSON object of these fields on standard output.
    void end(
        const std::string& sentence,
        const std::vector<std::pair<std::string, std::string>>& fields
    );
    /// A line on standard error.
    void say(const std::string& line) const;

private:
    JobOptions options_;
    kaygraph::Runtime ranks_;
    StopRequests stop_;
    ProgressLine line_;
};

}  // namespace command
