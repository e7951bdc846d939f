// One run of a graph, from its first check to its report.
#include "graph/describe.hpp"
#include "graph/graph_body.hpp"
#include "graph/visit.hpp"
#include "graph/walk.hpp"

#include <kaygraph/metrics/gather.hpp>
#include <kaygraph/parallel/placement.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace kaygraph::detail {
namespace {

Seconds seconds(std::int64_t nanoseconds) {
    return Seconds{static_cast<double>(nanoseconds) * 1e-9};
}

void check_run_options(const RunOptions& options) {
    if (options.threads && *options.threads == 0) {
        throw ArgumentError(
            "RunOptions.threads is 0; write 1 or more, or leave it out for all usable cores"
        );
    }
    if (options.deadline && options.deadline->count() < 0) {
        throw ArgumentError("RunOptions.deadline is negative; it counts from the start of the run");
    }
    if (options.max_visits && *options.max_visits == 0) {
        throw ArgumentError(
            "RunOptions.max_visits is 0; write 1 or more, or leave it out for no limit"
        );
    }
}

void refuse_faults(const std::string& what, const std::vector<std::string>& faults) {
    if (faults.empty()) {
        return;
    }
    std::string text = what + " cannot run:";
    for (const std::string& fault : faults) {
        text += "\n  - " + fault;
    }
    throw GraphError(ErrorCode::invalid_graph, text);
}

/// What to mend for a faster run.
void add_notes(const Communicator& ranks, RunReport& report) {
    if (ranks.thread_level() == ThreadLevel::single) {
        report.notes.emplace_back(
            "MPI was initialised with SINGLE, so each rank has one thread, which works and talks "
            "to the "
            "others in turn; initialise it with FUNNELED"
        );
    }
    for (std::string& hint : ranks.placement().hints(report.threads)) {
        report.notes.push_back(std::move(hint));
    }
}

void add_critical_path(
    RunReport& report,
    const PathTimes& path,
    const std::vector<NodeEntry*>& nodes
) {
    report.critical_path = seconds(length_of(path));
    for (std::size_t id = 0; id < path.size(); ++id) {
        if (path[id] > 0) {
            report.critical_nodes.push_back({.node = nodes[id]->path, .time = seconds(path[id])});
        }
    }
    std::stable_sort(
        report.critical_nodes.begin(),
        report.critical_nodes.end(),
        [](const PathStep& a, const PathStep& b) { return a.time > b.time; }
    );
}

void add_edges(const GraphBody& graph, std::vector<GraphEdge>& edges) {
    for (const auto& node : graph.nodes()) {
        for (const Edge& edge : node->edges) {
            edges.push_back(
                {node->path, graph.node(edge.target).path, std::string{edge.action.name()}}
            );
        }
        if (const ForkPlan* fork = node->model->fork()) {
            for (const std::size_t branch : fork->branches) {
                edges.push_back({node->path, graph.node(branch).path, "fork"});
            }
        }
        if (const GraphBody* inner = node->model->graph()) {
            add_edges(*inner, edges);
        }
    }
}

}  // namespace

void GraphBody::check_sound() const {
    if (!is_sound_.load(std::memory_order_acquire)) {
        refuse_faults("graph '" + name_ + "'", faults());
        is_sound_.store(true, std::memory_order_release);
    }
}

RunReport GraphBody::run(Store& shared, const RunOptions& options) const {
    start(name_, options, settings_.params, [&] { check_sound(); });
    return run_around(options, settings_.params, [&](const Surroundings& around) {
        Visit visit{self_, shared, around};
        return kind_->visit(*this, visit);
    });
}

RunReport GraphBody::run_node(std::size_t index, Store& shared, const RunOptions& options) const {
    const NodeEntry& entry = node(index);
    const Params no_params;
    const Params* own_params = entry.model->params();
    const Params& params = own_params == nullptr ? no_params : *own_params;
    root().start("node " + entry.path, options, params, [&] {
        if (entry.model->fork() != nullptr) {
            throw ArgumentError(
                "'" + entry.name + "' is a fork; run its graph, or a node of a branch"
            );
        }
        std::vector<std::string> faults;
        add_node_faults(entry, faults);
        refuse_faults("node '" + entry.name + "'", faults);
    });
    return root().run_around(options, params, [&](const Surroundings& inherited) {
        Surroundings around = inherited;
        around.config = config_of(entry);
        if (!entry.edges.empty()) {
            around.log->warn(
                entry.path, "the node has successors, but it was run alone; run its graph to go on"
            );
        }
        Visit visit{entry, shared, around};
        return entry.model->visit(visit);
    });
}

void GraphBody::start(
    const std::string& what,
    const RunOptions& options,
    const Params& params,
    FunctionRef<void()> check
) const {
    Communicator* ranks = options.ranks.size() > 1 ? options.ranks.communicator() : nullptr;
    if (ranks == nullptr) {
        check_run_options(options);
        check();
        return;
    }
    ranks->check_usable();
    std::vector<std::string> description;
    const std::exception_ptr error = caught([&] {
        check_run_options(options);
        check();
        check_over_ranks(*ranks, options);
        description = describe_run(*this, what, params, options);
    });
    agree_on_start(*ranks, name_, description, error);
}

void GraphBody::check_over_ranks(Communicator& ranks, const RunOptions& options) const {
    const bool has_threads = ranks.thread_level() != ThreadLevel::single;
    const auto check_threads = [&](const std::string& who, std::optional<std::size_t> threads) {
        if (!has_threads && threads.value_or(1) > 1) {
            throw ArgumentError(
                who + " asks for " + std::to_string(*threads)
                + " threads, but MPI was initialised with SINGLE; initialise it with FUNNELED or more"
            );
        }
    };
    check_threads("RunOptions.threads", options.threads);
    const Numbering& numbering = number();
    for (std::size_t id = 1; id < numbering.nodes.size(); ++id) {
        const NodeEntry& entry = *numbering.nodes[id];
        if (const ParallelBatchOptions* batch = entry.model->parallel()) {
            check_threads("node '" + entry.path + "'", batch->threads);
        }
    }
}

const Config* GraphBody::config_of(const NodeEntry& entry) const {
    const Config* config = entry.model->config();
    for (const GraphBody* graph = this; (config == nullptr || config->empty()) && graph != nullptr;
         graph = graph->parent_) {
        config = &graph->settings_.config;
    }
    return config;
}

RunReport GraphBody::run_around(
    const RunOptions& options,
    const Params& params,
    FunctionRef<Action(const Surroundings& around)> body
) const {
    const Numbering& numbering = number();
    RunState run{options, numbering.timed};
    PathTimes path(numbering.nodes.size());
    std::optional<FailedVisit> failed;
    Action last_action;
    std::exception_ptr error;
    try {
        last_action = body(
            {.run = &run,
             .params = &params,
             .config = &settings_.config,
             .log = options.log ? &options.log : &settings_.log,
             .path = recording_ ? &path : nullptr,
             .failed = &failed,
             .ranks = run.ranks(),
             .recorder = &run.alike()}
        );
    } catch (...) {
        error = std::current_exception();
        if (!failed) {
            failed = FailedVisit{
                .node = name_, .phase = "run", .failure = describe(error), .rank = run.rank()};
        }
    }

    RunReport report{
        .graph = name_,
        .last_action = std::string{last_action.name()},
        .elapsed = seconds(nanoseconds_between(run.started, Clock::now())),
        .threads = run.most_threads(),
        .ranks = options.ranks.size(),
        .recorded = recording_,
        .failed = std::move(failed)};
    for (std::size_t id = 0; id < numbering.nodes.size(); ++id) {
        const NodeEntry& entry = *numbering.nodes[id];
        NodeStats& stats =
            report.nodes.emplace_back(NodeStats{.name = entry.path, .kind = entry.total.kind});
        run.recorder.collect(id, stats);
    }
    if (recording_) {
        add_critical_path(report, path, numbering.nodes);
        add_edges(*this, report.edges);
        run.recorder.collect(
            options.ranks.rank(), nanoseconds_between(run.started, Clock::now()), report.timeline
        );
        run.figures.peak_memory = peak_memory();
    }
    if (Communicator* ranks = run.ranks(); ranks != nullptr && !ranks->is_broken()) {
        gather_report(*ranks, report, run.figures);
        add_notes(*ranks, report);
    } else if (recording_ && run.ranks() == nullptr) {
        run.figures.host = this_place().host;
        report.by_rank.push_back(run.figures);
    }
    keep(numbering, report);
    if (options.report != nullptr) {
        *options.report = report;
    }
    if (error) {
        std::rethrow_exception(error);
    }
    return report;
}

/// Takes the root out of the report, whose work counts for the whole, and adds the rest to the totals.
void GraphBody::keep(const Numbering& numbering, RunReport& report) const {
    std::int64_t work_ns = 0;
    const std::lock_guard lock{mutex_};
    for (std::size_t id = 0; id < numbering.nodes.size(); ++id) {
        work_ns += report.nodes[id].times.work_ns;
        if (id > 0) {
            numbering.nodes[id]->total.merge(report.nodes[id]);
        }
    }
    report.nodes.erase(report.nodes.begin());
    report.work = seconds(recording_ ? work_ns : 0);
}

NodeStats GraphBody::stats(std::size_t index) const {
    const GraphBody& outermost = root();
    outermost.number();
    const std::lock_guard lock{outermost.mutex_};
    return node(index).total;
}

}  // namespace kaygraph::detail
