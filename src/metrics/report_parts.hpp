#pragma once

#include <kaygraph/metrics/run_report.hpp>

#include <string>
#include <string_view>

namespace kaygraph::detail {

/// Returns a text as HTML shows it, in content and in quoted attributes. Control characters become spaces.
[[nodiscard]] std::string escaped(std::string_view text);

/// Returns a bar that is filled to a share in [0, 1], with its percentage beside it.
[[nodiscard]] std::string bar(double share, int width);

/// Returns how busy ranks and threads were, as inline SVG: a row a thread, a rank, or a group of ranks, whichever fits; with
/// the ranks of groups to unfold.
[[nodiscard]] std::string timeline_svg(const RunReport& report);

/// Returns the nodes, layer by layer, and their edges.
[[nodiscard]] std::string graph_svg(const RunReport& report);

/// Returns the histogram of the item times of the node that spent most in timed items.
[[nodiscard]] std::string item_times_svg(const RunReport& report);

}  // namespace kaygraph::detail
