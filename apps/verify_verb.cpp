#include "job_talk.hpp"
#include "launch.hpp"

#include <kaygraph/base/json_text.hpp>

namespace command {
namespace kg = kaygraph;
namespace {

/// "3..7, 9..12 and 4 more".
std::string listed(const kg::RangeSet& items) {
    constexpr std::size_t most = 8;
    std::string text;
    std::size_t n = 0;
    for (const auto& [first, last] : items.ranges()) {
        if (n++ == most) {
            return text + " and " + std::to_string(items.ranges().size() - most) + " more";
        }
        text +=
            (text.empty() ? "" : ", ") + std::to_string(first) + ".." + std::to_string(last - 1);
    }
    return text;
}

}  // namespace

int run_verify(kg::jobs::VerifyOptions options, const JobOptions& job, const kg::Runtime& ranks) {
    JobTalk talk{"verify", job, ranks};
    options.progress = [&talk](const kg::Progress& progress) {
        talk.progress("compare", progress);
    };
    const kg::jobs::VerifyResult found = kg::jobs::verify(options, talk.run_options());
    std::string text = options.file + (found.is_complete ? ": complete, " : ": not complete, ")
                       + std::to_string(found.n_compared) + " of " + std::to_string(found.n_items)
                       + " items compared";
    if (!found.damaged.empty()) {
        text += ", not as they were written: " + listed(found.damaged);
    } else if (found.wrong_files.empty() && found.is_complete && found.n_compared != found.n_items) {
        text += "; the journals say nothing of the others";
    } else if (found.n_compared > 0) {
        text += ", all as they were written";
    }
    for (const std::string& file : found.wrong_files) {
        text += "\n  " + file;
    }
    talk.end(
        text,
        {{"output", kg::json_quoted(options.file)},
         {"complete", found.is_complete ? "true" : "false"},
         {"items", std::to_string(found.n_items)},
         {"compared", std::to_string(found.n_compared)},
         {"damaged", std::to_string(found.damaged.size())},
         {"files", std::to_string(found.n_files)},
         {"wrong_files", std::to_string(found.wrong_files.size())}}
    );
    if (!found.damaged.empty() || !found.wrong_files.empty()
        || (found.is_complete && !found.is_whole())) {
        return bad_input;
    }
    return found.is_complete ? complete : stopped;
}

}  // namespace command
