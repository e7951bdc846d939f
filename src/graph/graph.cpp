// The public faces: graphs and handles.
#include "graph/draw.hpp"
#include "graph/graph_body.hpp"
#include "graph/walk.hpp"

#include <kaygraph/graph/graph.hpp>

#include <utility>

namespace kaygraph {
namespace {

detail::GraphSettings settings_of(const auto& options) {
    return {
        .params = options.params,
        .config = options.config,
        .unknown_action = options.unknown_action,
        .log = options.log};
}

std::unique_ptr<detail::GraphBody> make_body(std::string name, GraphOptions options) {
    detail::GraphSettings settings = settings_of(options);
    return std::make_unique<detail::GraphBody>(
        std::move(name), std::move(settings), detail::make_graph_kind(std::move(options))
    );
}

std::unique_ptr<detail::GraphBody> make_body(std::string name, BatchGraphOptions options) {
    if (!options.parameter_sets) {
        throw ArgumentError(
            "batch graph '" + name
            + "' has no parameter_sets; give it the function that returns them"
        );
    }
    if (options.parallel && options.parallel->threads && *options.parallel->threads == 0) {
        throw ArgumentError(
            "batch graph '" + name + "': parallel.threads is 0; write 1 or more, or leave it out"
        );
    }
    detail::GraphSettings settings = settings_of(options);
    return std::make_unique<detail::GraphBody>(
        std::move(name), std::move(settings), detail::make_batch_graph_kind(std::move(options))
    );
}

}  // namespace

GraphBase::GraphBase(std::unique_ptr<detail::GraphBody> body) noexcept : body_(std::move(body)) {}
GraphBase::GraphBase(GraphBase&&) noexcept = default;
GraphBase& GraphBase::operator=(GraphBase&&) noexcept = default;
GraphBase::~GraphBase() = default;

Graph::Graph(std::string name, GraphOptions options)
    : GraphBase(make_body(std::move(name), std::move(options))) {}

BatchGraph::BatchGraph(std::string name, BatchGraphOptions options)
    : GraphBase(make_body(std::move(name), std::move(options))) {}

detail::GraphBody& GraphBase::body() const {
    if (body_ == nullptr) {
        throw ArgumentError(
            "the graph was moved away, into another graph or variable; add its nodes before that, "
            "or "
            "use its new place"
        );
    }
    return *body_;
}

const std::string& GraphBase::name() const {
    return body().name();
}

NodeHandle GraphBase::add_model(std::string name, std::unique_ptr<detail::NodeModel> model) {
    return body().add(std::move(name), std::move(model));
}

NodeHandle GraphBase::add(std::string name, GraphBase&& graph) {
    detail::GraphBody& own = body();
    static_cast<void>(graph.body());  // refuses one that was moved away
    if (&graph == this) {
        throw ArgumentError("graph '" + own.name() + "' cannot be a node of itself");
    }
    own.check_takes(graph.body());
    return own.add_graph(std::move(name), std::move(graph.body_));
}

void GraphBase::start(const NodeHandle& node) {
    body().set_start(node);
}

std::vector<std::string> GraphBase::validate() const {
    return body().faults();
}

std::string GraphBase::to_mermaid() const {
    return detail::to_mermaid(body());
}
std::string GraphBase::to_dot() const {
    return detail::to_dot(body());
}

void GraphBase::record(Metrics metrics) {
    body().set_recording(metrics == Metrics::on);
}

RunReport GraphBase::run(Store& shared, const RunOptions& options) const {
    return body().run(shared, options);
}

RunReport GraphBase::run(Store& shared, const Runtime& ranks, const RunOptions& options) const {
    RunOptions own = options;
    own.ranks = ranks;
    return run(shared, own);
}

// ---- handles

std::string_view NodeHandle::name() const {
    return graph_->node(index_).name;
}

detail::NodeModel& NodeHandle::model() const {
    return *graph_->node(index_).model;
}

void NodeHandle::changed() const noexcept {
    graph_->changed();
}

NodeHandle NodeHandle::operator>>(const NodeHandle& next) const {
    return on({}) >> next;
}
NodeHandle NodeHandle::operator>>(const Fork& fork) const {
    return on({}) >> fork;
}

EdgeStart NodeHandle::on(const Action& action) const {
    return {*this, action};
}
EdgeStart NodeHandle::operator-(const Action& action) const {
    return on(action);
}

NodeHandle EdgeStart::operator>>(const NodeHandle& next) const {
    from_.graph_->connect(from_.index_, action_, next);
    return next;
}

NodeHandle EdgeStart::operator>>(const Fork& fork) const {
    return *this >> from_.graph_->add_fork(fork);
}

void NodeHandle::set_params(Params params) const {
    Params* own = model().params();
    if (own == nullptr) {
        throw ArgumentError("'" + std::string{name()} + "' is a fork, which has no params");
    }
    *own = std::move(params);
}

void NodeHandle::set_config(Config config) const {
    Config* own = model().config();
    if (own == nullptr) {
        throw ArgumentError("'" + std::string{name()} + "' is a fork, which has no config");
    }
    *own = std::move(config);
}

NodeStats NodeHandle::stats() const {
    return graph_->stats(index_);
}

RunReport NodeHandle::run(Store& shared, const RunOptions& options) const {
    return graph_->run_node(index_, shared, options);
}

RunReport NodeHandle::run(Store& shared, const Runtime& ranks, const RunOptions& options) const {
    RunOptions own = options;
    own.ranks = ranks;
    return run(shared, own);
}

}  // namespace kaygraph
