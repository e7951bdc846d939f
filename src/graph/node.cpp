#include <kaygraph/graph/node.hpp>

namespace kaygraph {

std::string_view to_string(NodeKind kind) noexcept {
    switch (kind) {
        case NodeKind::node:
            return "Node";
        case NodeKind::batch:
            return "BatchNode";
        case NodeKind::parallel_batch:
            return "ParallelBatchNode";
        case NodeKind::validated:
            return "ValidatedNode";
        case NodeKind::metrics:
            return "MetricsNode";
        case NodeKind::graph:
            return "Graph";
        case NodeKind::batch_graph:
            return "BatchGraph";
        case NodeKind::fork:
            return "fork";
    }
    return "";
}

}  // namespace kaygraph
