#include "job_talk.hpp"

#include "crash_handler.hpp"
#include "launch.hpp"

#include <kaygraph/base/json_text.hpp>

#include <iostream>

namespace command {
namespace kg = kaygraph;

JobTalk::JobTalk(std::string_view verb, const JobOptions& options, const kg::Runtime& ranks)
    : options_(options),
      ranks_(ranks),
      stop_(
          options.stop_after ? std::optional{std::chrono::duration<double>{*options.stop_after}}
                             : std::nullopt
      ),
      line_(options.quiet ? ShowProgress::never : options.progress, ranks.size()) {
    note_crashes();
    std::vector<std::string> hints;
    say("kaygraph " + std::string{verb} + ": " + resources(ranks, options.threads, hints));
    for (const std::string& hint : hints) {
        say("hint: " + hint);
    }
}

kg::RunOptions JobTalk::run_options() const {
    return {
        .threads = options_.threads, .stop = stop_.token(), .ranks = ranks_, .log = log_of(ranks_)};
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
