#pragma once

#include "graph/graph_body.hpp"

#include <string>

namespace kaygraph::detail {

/// Returns a flowchart in the language of Mermaid.
std::string to_mermaid(const GraphBody& graph);

/// Returns a drawing in the DOT language of Graphviz.
std::string to_dot(const GraphBody& graph);

}  // namespace kaygraph::detail
