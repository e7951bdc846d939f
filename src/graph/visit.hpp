#pragma once

#include "graph/graph_body.hpp"
#include "graph/run_state.hpp"

#include <kaygraph/graph/context.hpp>
#include <kaygraph/graph/detail/phases.hpp>
#include <kaygraph/graph/store.hpp>
#include <kaygraph/parallel/agreement.hpp>

#include <cstdint>
#include <exception>
#include <optional>

namespace kaygraph::detail {

/// Where a visit is. The order is that in which errors of several ranks count.
enum class Phase : std::uint8_t { walk, before_prep, prep, exec, after_exec, post, on_error };

/// One execution of a node.
class Visit {
public:
    Visit(const NodeEntry& entry, Store& visited, const Surroundings& inherited);

    [[nodiscard]] RunState& run() const noexcept { return *around.run; }
    /// Counts and times of the visit; times are null where they are not kept.
    [[nodiscard]] NodeCounts& counts() const {
        return around.recorder->counts(around.thread, node.id);
    }
    [[nodiscard]] NodeTimes* times() const {
        return around.recorder->times(around.thread, node.id);
    }

    const NodeEntry& node;
    Store& store;
    const Surroundings around;
    Context context;

    /// What exec tells of itself where it is more than one call: a batch, a walk, a fork.
    std::optional<std::int64_t> exec_work_ns;      ///< thread time
    std::optional<std::int64_t> exec_critical_ns;  ///< of it, what had to happen in sequence
    std::optional<std::size_t> failed_item;
    int failed_attempts = 0;
    std::optional<Agreement> agreed;  ///< on the failure of this visit, by several ranks
};

/// Keeps an agreement on a failure of this visit. Returns the visit's error on this rank, null where
/// nothing failed.
std::exception_ptr settle(
    Visit& visit,
    Agreement agreed,
    const AgreementPart& part,
    const std::exception_ptr& own
);

/// What a rank tells the others of an error in its visit.
RankFailure failure_in(const Visit& visit, Phase phase, const std::exception_ptr& error);

/// The context of a node in its surroundings.
VisitInfo visit_info(const NodeEntry& node, const Surroundings& around);

/// Notes where a run fails, unless an inner visit has noted the same already.
void note_failure(const Surroundings& around, FailedVisit failed);

}  // namespace kaygraph::detail
