#include "graph/graph_body.hpp"
#include "graph/visit.hpp"
#include "graph/walk.hpp"

#include <kaygraph/graph/fork.hpp>
#include <kaygraph/graph/node_handle.hpp>
#include <kaygraph/parallel/team.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

namespace kaygraph {

Fork::Fork(std::vector<NodeHandle> branches) : branches_(std::move(branches)) {}
Fork::Fork(const Fork&) = default;
Fork::Fork(Fork&&) noexcept = default;
Fork& Fork::operator=(const Fork&) = default;
Fork& Fork::operator=(Fork&&) noexcept = default;
Fork::~Fork() = default;

Fork& Fork::with(Reducer reducer) & {
    reducers_.push_back(std::move(reducer));
    return *this;
}
Fork&& Fork::with(Reducer reducer) && {
    return std::move(with(std::move(reducer)));
}

Fork& Fork::named(std::string name) & {
    name_ = std::move(name);
    return *this;
}
Fork&& Fork::named(std::string name) && {
    return std::move(named(std::move(name)));
}

namespace detail {
namespace {

/// One branch of a fork while it runs.
struct Branch {
    std::size_t start;
    Store store;
    PathTimes path = {};
    std::optional<FailedVisit> failed = {};
    std::exception_ptr error = {};
};

class ForkPhases final : public Phases {
public:
    explicit ForkPhases(const ForkPlan& plan) : plan_(plan) {}

    /// The branches may meet on all ranks: none may be left out of them by an error before.
    [[nodiscard]] bool is_spread() const noexcept override { return true; }

    void exec(Visit& visit) override {
        for (const std::size_t start : plan_.branches) {
            branches_.push_back({.start = start, .store = visit.store});
        }
        Surroundings around = visit.around;
        const bool has_threads =
            !around.is_concurrent && branches_.size() > 1 && visit.run().threads_for({}) > 1;
        const bool is_spread_out =
            (around.ranks != nullptr || has_threads) && has_spread_branch(visit);
        if (!is_spread_out) {  // the same on all ranks, whatever their threads: it decides where they meet
            around.ranks = nullptr;
        }
        if (has_threads && !is_spread_out) {
            run_concurrently(visit, around);
        } else {
            run_in_order(around);
        }
        visit.exec_work_ns = 0;  // its nodes have counted it
        visit.exec_critical_ns = 0;
        raise_first_error(visit);
        if (visit.around.path != nullptr) {
            add_longest_path(*visit.around.path);
        }
    }

    /// The join.
    Action post(Store& store, const Context& context) override {
        std::vector<WalkWrites> walks;
        for (const Branch& branch : branches_) {
            walks.push_back(
                {.name = plan_.graph->node(branch.start).name,
                 .writes = StoreAccess::writes_since(store, branch.store)}
            );
        }
        join_writes(store, walks, plan_.reducers, std::string{context.node()});
        return {};
    }

private:
    /// Branches with a spread node run in order, each with all workers and ranks.
    [[nodiscard]] bool has_spread_branch(const Visit& visit) const {
        return std::any_of(plan_.branches.begin(), plan_.branches.end(), [&](std::size_t start) {
            const NodeEntry& first = plan_.graph->node(start);
            return visit.around.ranks != nullptr ? first.leads_to_spread_over_ranks
                                                 : first.leads_to_spread;
        });
    }

    void run_concurrently(Visit& visit, const Surroundings& shared) {
        const std::size_t n_workers = std::min(branches_.size(), visit.run().threads_for({}));
        visit.run().reserve_threads(n_workers);
        std::atomic<std::size_t> next{0};
        run_team(n_workers, [&](std::size_t worker) {
            Surroundings around = shared;
            around.thread = worker;
            around.is_concurrent = true;
            for (std::size_t i = next++; i < branches_.size(); i = next++) {
                run_branch(branches_[i], around);
            }
        });
    }

    void run_in_order(const Surroundings& around) {
        for (Branch& branch : branches_) {
            run_branch(branch, around);
            if (around.ranks != nullptr && around.ranks->is_broken()) {
                return;  // nobody can go on together
            }
        }
    }

    void run_branch(Branch& branch, Surroundings around) const {
        around.failed = &branch.failed;
        if (around.path != nullptr) {
            branch.path.resize(around.path->size());
            around.path = &branch.path;
        }
        branch.error = caught([&] { walk(*plan_.graph, branch.start, branch.store, around); });
    }

    /// The error of the first branch in declared order, whichever came first in time.
    void raise_first_error(const Visit& visit) {
        for (Branch& branch : branches_) {
            if (branch.error) {
                if (branch.failed) {
                    note_failure(visit.around, std::move(*branch.failed));
                }
                std::rethrow_exception(branch.error);
            }
        }
    }

    void add_longest_path(PathTimes& path) const {
        const auto longest = std::max_element(
            branches_.begin(),
            branches_.end(),
            [](const Branch& a, const Branch& b) { return length_of(a.path) < length_of(b.path); }
        );
        add_path(path, longest->path);
    }

    const ForkPlan& plan_;
    std::vector<Branch> branches_;
};

class ForkModel final : public NodeModel {
public:
    explicit ForkModel(ForkPlan plan) noexcept : plan_(std::move(plan)) {}

    [[nodiscard]] NodeKind kind() const noexcept override { return NodeKind::fork; }
    [[nodiscard]] const ForkPlan* fork() const noexcept override { return &plan_; }
    Action visit(Visit& visit) const override {
        ForkPhases phases{plan_};
        return run_visit(visit, phases);
    }

private:
    ForkPlan plan_;
};

}  // namespace

std::unique_ptr<NodeModel> make_fork_model(ForkPlan plan) {
    return std::make_unique<ForkModel>(std::move(plan));
}

}  // namespace detail
}  // namespace kaygraph
