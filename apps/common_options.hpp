#pragma once

#include "nearest.hpp"
#include "verbs.hpp"

#include <kaygraph/base/element_type.hpp>
#include <kaygraph/files/matrix_format.hpp>
#include <kaygraph/runs/run_ledger.hpp>

#include <CLI/CLI.hpp>

#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// @file
/// Options that several verbs take, as they are put to CLI11: for the one source file that knows it.

namespace command {

/// The words that an option takes, and what they mean.
template <class T>
using Words = std::map<std::string, T>;

inline const Words<kaygraph::ElementType> output_types{
    {"f32", kaygraph::ElementType::f32},
    {"f16", kaygraph::ElementType::f16},
    {"i8", kaygraph::ElementType::i8}};

/// CLI11's own say the whole range of a double.
inline const CLI::Validator above_zero{
    [](std::string& text) {
        return CLI::PositiveNumber(text).empty() ? std::string{}
                                                 : "expected a number above 0, found " + text;
    },
    "NUMBER"};
inline const CLI::Validator zero_or_more{
    [](std::string& text) {
        return CLI::NonNegativeNumber(text).empty()
                   ? std::string{}
                   : "expected a number, 0 or above, found " + text;
    },
    "NUMBER"};

/// An option that takes one of a few words.
template <class T, class Set>
void add_choice(
    CLI::App& verb,
    const std::string& name,
    const Words<T>& words,
    const std::string& help,
    Set set
) {
    std::string names;
    for (const auto& word : words) {
        names += (names.empty() ? "" : " | ") + word.first;
    }
    const auto choose = [name, names, words, set](const std::string& word) {
        const auto found = words.find(word);
        if (found == words.end()) {
            std::vector<std::string> known;
            for (const auto& each : words) {
                known.push_back(each.first);
            }
            throw CLI::ValidationError(
                name, "expected " + names + ", found " + word + did_you_mean(word, known)
            );
        }
        set(found->second);
    };
    verb.add_option_function<std::string>(name, choose, names + ": " + help);
}

inline void add_talk_options(CLI::App& verb, JobOptions& job) {
    verb.add_option("--threads", job.threads, "Threads of each rank; default: its cores")
        ->check(above_zero);
    const Words<ShowProgress> shows{
        {"auto", ShowProgress::automatic},
        {"always", ShowProgress::always},
        {"never", ShowProgress::never}};
    add_choice(verb, "--progress", shows, "how far long work is", [&job](auto show) {
        job.progress = show;
    });
    verb.add_option(
            "--stop-after", job.stop_after, "Seconds after which the job ends in order, with 75"
    )
        ->check(above_zero);
    verb.add_option(
            "--stall-timeout",
            job.stall_timeout,
            "Seconds that a rank waits for others that do not answer; 0 for ever; default: 600"
    )
        ->check(zero_or_more);
    verb.add_flag(
        "--alone", job.alone, "Work in this process alone, though a launcher started several"
    );
    const Words<kaygraph::LogLevel> levels{
        {"debug", kaygraph::LogLevel::debug},
        {"info", kaygraph::LogLevel::info},
        {"warning", kaygraph::LogLevel::warning},
        {"error", kaygraph::LogLevel::error}};
    add_choice(
        verb,
        "--log-level",
        levels,
        "what is worth telling; default: warning",
        [&job](auto level) { job.log_level = level; }
    );
    verb.add_option(
        "--config",
        job.config,
        "A file of options, name = value; [verb] begins those of one verb. The command line and "
        "KAYGRAPH_NAME "
        "variables weigh more"
    );
    verb.add_flag("--json", job.json, "The result as one JSON object on standard output");
    verb.add_flag("--quiet", job.quiet, "Nothing but warnings and errors on standard error");
}

/// What a job takes that makes something.
inline void add_job_options(CLI::App& verb, JobOptions& job) {
    add_talk_options(verb, job);
    verb.add_option(
        "--metrics", job.metrics, "A file for the figures of the run, as Prometheus text"
    );
    verb.add_option(
        "--trace", job.trace, "A file for what each thread did, for Perfetto and Chrome"
    );
    verb.add_option("--report", job.report, "A file for the page of the run, HTML");
    verb.add_flag(
        "--dry-run", job.dry_run, "Tell what would be done and how large it is; write nothing"
    );
}

inline void add_format(
    CLI::App& verb,
    const char* name,
    std::optional<kaygraph::MatrixFormat>& format
) {
    verb.add_option_function<std::string>(
        name,
        [&format](const std::string& text) { format = kaygraph::parse_format(text); },
        "npy | fbin | u8bin | i8bin | ibin | fvecs | bvecs | ivecs | text; default: by the file's "
        "name"
    );
}

/// What becomes of files that are there.
template <class Options>
void add_begin(CLI::App& verb, Options& options) {
    verb.add_flag("--fresh", options.resume.fresh, "Begin anew, whatever an earlier run left");
    verb.add_flag(
        "--overwrite",
        options.resume.overwrite,
        "Replace files that have the names of this run's, and that no run made"
    );
}

/// What a job takes that goes on where an earlier run was.
template <class Options>
void add_resume(CLI::App& verb, Options& options) {
    add_begin(verb, options);
    verb.add_flag(
            "--verify",
            options.resume.verify_all,
            "Look at every block of an earlier run, not only at the latest"
    )
        ->excludes("--fresh");
    const Words<kaygraph::runs::Durability> words{
        {"block", kaygraph::runs::Durability::block},
        {"batch", kaygraph::runs::Durability::batch},
        {"none", kaygraph::runs::Durability::none}};
    add_choice(
        verb,
        "--durability",
        words,
        "what a power cut may cost: nothing, a second of work, all; default: batch",
        [&options](auto durability) { options.durability = durability; }
    );
}

/// "12" is a count, "1.5%" a share.
inline kaygraph::ErrorBudget parse_budget(const std::string& text) {
    const bool is_share = !text.empty() && text.back() == '%';
    const char* last = text.data() + text.size() - (is_share ? 1 : 0);
    double share = 0;
    std::size_t count = 0;
    const auto read = is_share ? std::from_chars(text.data(), last, share)
                               : std::from_chars(text.data(), last, count);
    if (read.ec != std::errc{} || read.ptr != last || !(share >= 0 && share <= 100)) {
        throw CLI::ValidationError(
            "--max-errors", "expected a number or a share as 1%, found " + text
        );
    }
    return is_share ? kaygraph::ErrorBudget{.share = share / 100}
                    : kaygraph::ErrorBudget{.count = count};
}

}  // namespace command
