#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/metrics/run_report.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

/// @file
/// What a run tells of itself in files: metrics.json, Prometheus text, a trace, a job log.
/// @par MPI Local: rank 0 has the whole report.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// A report, and what the job around it knows.
struct RunDocument {
    /// Texts by name: "job", "status" ("complete", "stopped", "failed"), "version", "output", "command", …
    std::map<std::string, std::string> facts = {};
    /// Numbers by name: "items", "rows", "rejected", "resumed", "input_bytes", "tokens", …
    std::map<std::string, std::uint64_t> totals = {};
    double started = 0;  ///< seconds since 1970, UTC
    RunReport report = {};

    /// Returns a fact, "" where there is none.
    [[nodiscard]] std::string fact(const std::string& name) const {
        const auto found = facts.find(name);
        return found == facts.end() ? std::string{} : found->second;
    }
    /// Returns a number, 0 where there is none.
    [[nodiscard]] std::uint64_t total(const std::string& name) const {
        const auto found = totals.find(name);
        return found == totals.end() ? 0 : found->second;
    }
};

/// Returns how much more the busiest rank had to do than all on average: 1 is even; 0 where nothing was measured.
[[nodiscard]] KAYGRAPH_EXPORT double imbalance(const RunReport& report) noexcept;

/// Returns metrics.json: facts and totals; for each node its counts, the time of each phase and a histogram of item
/// times; for each rank busy, idle, read, write and wait; how busy each thread was over time. Times in seconds.
[[nodiscard]] KAYGRAPH_EXPORT std::string to_json(const RunDocument& document);

/// Reads what to_json wrote. @throws FormatError, naming the file and the place, for anything else.
[[nodiscard]] KAYGRAPH_EXPORT RunDocument
parse_run_document(std::string_view text, const std::string& file);

/// Returns the figures in the text format of Prometheus, version 0.0.4: kaygraph_… with the labels job, node, phase and
/// rank.
[[nodiscard]] KAYGRAPH_EXPORT std::string to_prometheus(const RunDocument& document);

/// Returns the spans of the report's timeline as JSON of the Trace Event Format, which Perfetto and Chrome show: a process
/// a rank, a thread a worker, an event for each phase and block.
[[nodiscard]] KAYGRAPH_EXPORT std::string to_trace_json(const RunReport& report);

/// How much of a file it takes to know it by its beginning.
inline constexpr std::size_t export_beginning_bytes = 256;

/// Returns whether a file that begins so was made of a run: by to_prometheus, to_trace_json or to_html.
[[nodiscard]] KAYGRAPH_EXPORT bool begins_as_export(std::string_view beginning) noexcept;

/// Returns a line for each rank in the nine columns of GNU parallel's --joblog, with a line of their names.
/// `exit_value`: how the run ended.
[[nodiscard]] KAYGRAPH_EXPORT std::string to_job_log(const RunDocument& document, int exit_value);

}  // namespace kaygraph

#pragma GCC visibility pop
