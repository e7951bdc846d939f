#include "job_talk.hpp"

#include "crash_handler.hpp"
#include "launch.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/json_text.hpp>
#include <kaygraph/files/replace_file.hpp>
#include <kaygraph/jobs/report.hpp>
#include <kaygraph/parallel/cores.hpp>

#include <algorithm>
#include <cstddef>
#include <iostream>

namespace command {
namespace kg = kaygraph;

namespace {

/// Variables may not have reached the other nodes: ranks with other options would make another output together.
void check_command(const std::string& command, const kg::Runtime& ranks) {
    if (ranks.communicator() == nullptr) {
        return;
    }
    ranks.communicator()->doing("the comparison of command lines", "the command");
    const auto* bytes = reinterpret_cast<const std::byte*>(command.data());
    const auto all = ranks.communicator()->allgather({bytes, bytes + command.size()});
    const auto text_of = [&](std::size_t rank) {
        return std::string{reinterpret_cast<const char*>(all[rank].data()), all[rank].size()};
    };
    for (std::size_t rank = 1; rank < all.size(); ++rank) {
        if (all[rank] != all[0]) {
            throw kg::ArgumentError(
                "ranks have different options, by their command lines, files or variables (mpirun "
                "-x sends "
                "those to other nodes):\n  rank 0: "
                + text_of(0) + "\n  rank " + std::to_string(rank) + ": " + text_of(rank)
            );
        }
    }
}

}  // namespace

JobTalk::JobTalk(std::string_view verb, const JobOptions& options, const kg::Runtime& ranks)
    : options_(options),
      ranks_(ranks),
      stop_(
          options.stop_after ? std::optional{std::chrono::duration<double>{*options.stop_after}}
                             : std::nullopt
      ),
      line_(options.quiet ? ShowProgress::never : options.progress, ranks.size()) {
    check_command(options.command, ranks);
    note_crashes();
    std::vector<std::string> hints;
    say("kaygraph " + std::string{verb} + ": " + resources(ranks, options.threads, hints));
    for (const std::string& hint : hints) {
        say("hint: " + hint);
    }
}

kg::RunOptions JobTalk::run_options() const {
    kg::RunOptions run{
        .threads = options_.threads,
        .stop = stop_.token(),
        .ranks = ranks_,
        .log = log_of(ranks_, options_.log_level)};
    if (!options_.trace.empty()) {
        // rank 0 holds them all: a million, 40 MB, at most
        const std::size_t n_threads =
            static_cast<std::size_t>(ranks_.size()) * options_.threads.value_or(kg::usable_cores());
        run.trace_spans = std::clamp<std::size_t>(1'000'000 / n_threads, 256, 65'536);
    }
    return run;
}

kg::jobs::SideFiles JobTalk::side_files() const {
    kg::jobs::SideFiles side;
    if (!options_.config.empty()) {
        side.read.push_back({"the file of --config", options_.config});
    }
    for (const auto& [name, path] :
         {std::pair{"--metrics", &options_.metrics},
          std::pair{"--trace", &options_.trace},
          std::pair{"--report", &options_.report}}) {
        if (!path->empty()) {
            side.written.push_back({std::string{"the file of "} + name, *path});
        }
    }
    return side;
}

void JobTalk::ended(const kg::RunDocument& document) const {
    kg::FileSystem& files = kg::posix_files();
    if (!options_.metrics.empty()) {
        kg::replace_file(files, options_.metrics, kg::to_prometheus(document));
    }
    // of a run that was complete the spans are not kept: a trace that is there is of the run that had them
    const bool has_spans = !document.report.timeline.traces.empty();
    if (!options_.trace.empty() && (has_spans || !files.status(options_.trace))) {
        kg::replace_file(files, options_.trace, kg::to_trace_json(document.report));
    }
    if (!options_.report.empty()) {
        std::vector<kg::RejectedItem> rejects;
        const std::string directory = document.fact("output") + ".run";
        if (files.status(directory + "/metrics.json")) {
            rejects = kg::jobs::read_rejects(directory);
        }
        kg::replace_file(files, options_.report, kg::to_html(document, rejects));
    }
}

void JobTalk::progress(const char* phase, const kg::Progress& progress) {
    if (ranks_.rank() == 0) {
        line_.update(phase, progress);
    }
}

void JobTalk::end(
    const std::string& sentence,
    const std::vector<std::pair<std::string, std::string>>& fields
) {
    line_.end();
    if (ranks_.rank() != 0) {
        return;
    }
    if (!options_.json) {
        say(sentence);
        return;
    }
    std::string document = "{";
    for (const auto& field : fields) {
        document +=
            (document.size() > 1 ? ", " : "") + kg::json_quoted(field.first) + ": " + field.second;
    }
    std::cout << document << "}\n";
}

void JobTalk::say(const std::string& line) const {
    if (ranks_.rank() == 0 && !options_.quiet) {
        std::cerr << line << "\n";
    }
}

}  // namespace command
