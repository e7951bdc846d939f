// What ranks compare before a run: cheap where all is well, exact where it is not.
#include "graph/describe.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/decimal.hpp>
#include <kaygraph/parallel/agreement.hpp>

#include <functional>
#include <type_traits>
#include <variant>

namespace kaygraph::detail {
namespace {

std::string quoted(std::string_view name) {
    return "'" + std::string{name} + "'";
}

std::string text_of(const Setting& setting) {
    return std::visit(
        [](const auto& value) -> std::string {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, std::string>) {
                return quoted(value);
            } else if constexpr (std::is_same_v<T, bool>) {
                return value ? "true" : "false";
            } else if constexpr (std::is_same_v<T, double>) {
                return short_decimal(value, 17);
            } else {
                return std::to_string(value);
            }
        },
        setting.value()
    );
}

void describe_settings(
    const std::string& what,
    const Settings& settings,
    std::vector<std::string>& lines
) {
    for (const std::string& name : settings.names()) {
        lines.push_back(what + " " + quoted(name) + " = " + text_of(settings.at(name)));
    }
}

void describe_batch(
    const std::string& node,
    const ParallelBatchOptions& options,
    std::vector<std::string>& lines
) {
    const auto number = [&](const std::string& name, auto value) {
        lines.push_back(node + ": " + name + " = " + std::to_string(value));
    };
    number("block", options.block.value_or(0));
    number("schedule", static_cast<int>(options.schedule));
    number("on_item_error", static_cast<int>(options.on_item_error));
    number("on_budget", static_cast<int>(options.on_budget));
    number("max_errors.count", options.max_errors.count.value_or(static_cast<std::size_t>(-1)));
    number("max_errors.share", options.max_errors.share.value_or(-1));
    number("gather", static_cast<int>(options.gather));
    number("sink", options.sink == nullptr ? 0 : 1);
    number("ledger", options.ledger == nullptr ? 0 : 1);
    number("stop_when", options.stop_when ? 1 : 0);
}

void describe_graph(
    const GraphBody& graph,
    const std::string& prefix,
    std::vector<std::string>& lines
) {
    lines.push_back(
        "graph " + quoted(prefix + graph.name()) + " of kind "
        + std::string{to_string(graph.kind().kind())}
    );
    lines.push_back(
        "graph " + quoted(prefix + graph.name()) + ": starts at "
        + (graph.start() ? quoted(graph.node(*graph.start()).name) : "nothing")
        + ", unknown_action " + std::to_string(static_cast<int>(graph.settings().unknown_action))
        + ", metrics " + (graph.is_recording() ? "on" : "off") + ", walks "
        + graph.kind().spreading()
    );
    describe_settings("config of " + quoted(graph.name()), graph.settings().config, lines);
    for (const auto& node : graph.nodes()) {
        const std::string name = "node " + quoted(prefix + node->name);
        lines.push_back(name + " of kind " + std::string{to_string(node->model->kind())});
        lines.push_back(name + ": where = " + (node->model->is_at_root() ? "root" : "everywhere"));
        lines.push_back(name + ": max_attempts = " + std::to_string(node->model->max_attempts()));
        if (const Config* config = node->model->config()) {
            describe_settings("config of " + name, *config, lines);
        }
        for (const Edge& edge : node->edges) {
            lines.push_back(
                name + ": action " + quoted(edge.action.name()) + " leads to "
                + quoted(graph.node(edge.target).name)
            );
        }
        if (const ParallelBatchOptions* options = node->model->parallel()) {
            describe_batch(name, *options, lines);
        }
        if (const ForkPlan* fork = node->model->fork()) {
            for (const std::size_t branch : fork->branches) {
                lines.push_back(name + ": branch " + quoted(graph.node(branch).name));
            }
        }
        if (const GraphBody* inner = node->model->graph()) {
            describe_graph(*inner, prefix + node->name + "/", lines);
        }
    }
}

/// Compares this rank's lines with those of rank 0.
std::string first_difference(
    const std::vector<std::string>& own,
    const std::vector<std::string>& of_root,
    int rank
) {
    const std::size_t n = std::max(own.size(), of_root.size());
    for (std::size_t i = 0; i < n; ++i) {
        const std::string here = i < own.size() ? own[i] : "nothing more";
        const std::string there = i < of_root.size() ? of_root[i] : "nothing more";
        if (here != there) {
            std::string text = "rank 0 has " + there;
            text += ", rank " + std::to_string(rank) + " has " + here;
            return text;
        }
    }
    return {};
}

}  // namespace

std::vector<std::string> describe_run(
    const GraphBody& graph,
    const std::string& what,
    const Params& params,
    const RunOptions& options
) {
    std::vector<std::string> lines;
    describe_graph(graph, "", lines);
    lines.push_back("it runs " + quoted(what));
    describe_settings("param", params, lines);
    lines.push_back("max_visits = " + std::to_string(options.max_visits.value_or(0)));
    return lines;
}

void agree_on_start(
    Communicator& ranks,
    const std::string& graph,
    const std::vector<std::string>& description,
    const std::exception_ptr& error
) {
    ranks.doing("the start of the run", graph);
    const std::vector<std::byte> bytes = encode(description);
    const std::uint64_t hash = hash_of(bytes);
    const auto agree_with = [&](const std::exception_ptr& own) {
        AgreementPart part{.equal = {&hash, 1}};
        if (own) {
            part.failure = describe_failure(own);
            part.failure->rank = ranks.rank();
            part.failure->node = graph;
            part.failure->phase = "start";
        }
        const Agreement agreed = agree(ranks, part);
        if (const std::exception_ptr failed = error_of(agreed, part, own)) {
            std::rethrow_exception(failed);
        }
        return agreed.differs.has_value();
    };
    if (!agree_with(error)) {
        return;
    }
    const auto of_root = decode<std::vector<std::string>>(
        ranks.broadcast(ranks.is_root() ? bytes : std::vector<std::byte>{}, 0)
    );
    const std::string difference = first_difference(description, of_root, ranks.rank());
    const GraphError verdict(
        ErrorCode::disagreement, "the ranks were given different runs: " + difference
    );
    agree_with(difference.empty() ? nullptr : std::make_exception_ptr(verdict));
}

}  // namespace kaygraph::detail
