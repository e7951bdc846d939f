#include "graph/run_state.hpp"

#include <kaygraph/base/decimal.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/parallel/cores.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace kaygraph::detail {

RunState::RunState(const RunOptions& options, std::vector<bool> timed)
    : recorder(timed, options.trace_spans),
      options_(options),
      ranks_(options.ranks.size() > 1 ? options.ranks.communicator() : nullptr),
      shadow_(std::move(timed)) {
    if (options_.deadline && *options_.deadline < Clock::time_point::max() - started) {
        deadline_ = started + std::chrono::duration_cast<Clock::duration>(*options_.deadline);
    }
}

void RunState::check_limits(std::string_view node) {
    if (options_.stop.stop_requested()) {
        throw Stopped("the run was asked to stop", {.node = std::string{node}});
    }
    check_deadline(node);
}

void RunState::check_deadline(std::string_view node) const {
    if (is_past_deadline()) {
        const double seconds = std::chrono::duration<double>(*options_.deadline).count();
        throw GraphError(
            ErrorCode::deadline,
            "the run passed its deadline of " + short_decimal(seconds, 6) + " s",
            {.node = std::string{node}}
        );
    }
}

void RunState::begin_visit(std::string_view node) {
    check_limits(node);
    if (options_.max_visits
        && n_visits_.fetch_add(1, std::memory_order_relaxed) >= *options_.max_visits) {
        throw GraphError(
            ErrorCode::max_visits,
            "the run made the " + std::to_string(*options_.max_visits)
                + " visits that its max_visits allows; raise it, or end the loop",
            {.node = std::string{node}}
        );
    }
}

std::size_t RunState::threads_for(std::optional<std::size_t> wanted) {
    if (!may_have_threads()) {
        return 1;
    }
    if (options_.threads) {
        return std::min(*options_.threads, wanted.value_or(*options_.threads));
    }
    if (wanted) {
        return *wanted;
    }
    if (n_cores_ == 0) {
        n_cores_ = ranks_ != nullptr ? ranks_->placement().threads : usable_cores();
    }
    return n_cores_;
}

void RunState::reserve_threads(std::size_t n_threads) {
    recorder.reserve_threads(n_threads);
    shadow_.reserve_threads(n_threads);
}

void RunState::claim_ledger(std::size_t node_id, std::string_view node) {
    const std::lock_guard lock{mutex_};
    if (!journaled_.insert(node_id).second) {
        throw GraphError(
            ErrorCode::invalid_graph,
            "a node with a ledger may be visited once in a run; journal loops under one node each",
            {.node = std::string{node}}
        );
    }
}

}  // namespace kaygraph::detail
