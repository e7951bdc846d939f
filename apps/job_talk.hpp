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
    /// Gives a job what it is to know of the command, and what it is to tell.
    template <class Options>
    void listen_to(Options& options) {
        options.command = options_.command;
        options.side = side_files();
        options.progress = [this](const char* phase, const kaygraph::Progress& progress) {
            this->progress(phase, progress);
        };
        options.ended = [this](const kaygraph::RunDocument& document) {
            this->ended(document);
        };
    }
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
    /// Files of the command itself, which a job must leave alone.
    [[nodiscard]] kaygraph::jobs::SideFiles side_files() const;
    /// Writes the files that were asked for.
    void ended(const kaygraph::RunDocument& document) const;

    JobOptions options_;
    kaygraph::Runtime ranks_;
    StopRequests stop_;
    ProgressLine line_;
};

}  // namespace command
