#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/metrics/run_document.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// A run as a page for people who would rather look than read.
/// @par MPI Local.
/// @par Threads Any thread.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// A record that was rejected, as rejects.jsonl tells it.
struct RejectedItem {
    std::uint64_t row = 0;
    std::string file = {};
    std::uint64_t offset = 0;  ///< byte, in the file as it is when it is not packed
    std::string code = {};
    std::string message = {};
    std::string excerpt = {};  ///< how the record begins
};

/// Reads a line of rejects.jsonl. @throws FormatError, naming the file.
[[nodiscard]] KAYGRAPH_EXPORT RejectedItem
parse_rejected_item(std::string_view line, const std::string& file);

/// One point of a checklist: a judgement of the run by its own figures.
struct CheckedPoint {
    enum class Verdict : std::uint8_t { good, look, not_measured };
    Verdict verdict = Verdict::good;
    std::string point = {};   ///< what should be so
    std::string figure = {};  ///< what was
    std::string advice = {};  ///< where it is not so: what to try
};

/// Judges a run by what makes batch jobs fast: parallel nodes, bulk calls, even ranks, little waiting, bounded memory.
[[nodiscard]] KAYGRAPH_EXPORT std::vector<CheckedPoint> checklist(const RunDocument& document);

/// Returns the run as one HTML page without any outside reference: summary, graph, timeline of ranks and threads, nodes,
/// item times, ranks, rejects, checklist. `rejects` may be the first ones of many.
[[nodiscard]] KAYGRAPH_EXPORT std::string to_html(
    const RunDocument& document,
    const std::vector<RejectedItem>& rejects = {}
);

}  // namespace kaygraph

#pragma GCC visibility pop
