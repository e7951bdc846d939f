// The one function that runs a visit.
#include "graph/visit.hpp"

#include "graph/policy.hpp"
#include "graph/store_access.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/parallel/team.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace kaygraph::detail {
namespace {

const char* name_of(Phase phase) {
    switch (phase) {
        case Phase::walk:
            return "walk";
        case Phase::before_prep:
            return "before_prep";
        case Phase::prep:
            return "prep";
        case Phase::exec:
            return "exec";
        case Phase::after_exec:
            return "after_exec";
        case Phase::post:
            return "post";
        case Phase::on_error:
            return "on_error";
    }
    return "";
}

/// Knows the phase that runs, and how long each ran where times are kept.
class PhaseClock {
public:
    explicit PhaseClock(Visit& visit) : visit_(visit), times_(visit.times()) {
        if (times_ != nullptr) {
            visit_start_ = part_start_ = Clock::now();
        }
    }

    void enter(Phase phase) {
        if (phase == Phase::exec) {
            end_part(&NodeTimes::prep, SpanKind::prep);
        } else if (phase == Phase::after_exec) {
            end_exec();
        }
        phase_ = phase;
    }

    /// The visit is over, well or not.
    void stop() {
        if (times_ == nullptr) {
            return;
        }
        switch (phase_) {
            case Phase::walk:
            case Phase::before_prep:
            case Phase::prep:
                end_part(&NodeTimes::prep, SpanKind::prep);
                break;
            case Phase::exec:
                end_exec();
                break;
            case Phase::after_exec:
            case Phase::post:
            case Phase::on_error:
                end_part(&NodeTimes::post, SpanKind::post);
        }
        times_->visit.add(nanoseconds_between(visit_start_, part_start_));
        times_->work_ns += own_ns_ + visit_.exec_work_ns.value_or(exec_ns_);
        if (visit_.around.path != nullptr) {
            (*visit_.around.path)[visit_.node.id] +=
                own_ns_ + visit_.exec_critical_ns.value_or(exec_ns_);
        }
    }

    [[nodiscard]] Phase phase() const noexcept { return phase_; }

private:
    std::int64_t end_part(SpanKind kind, bool is_busy) {
        const Clock::time_point now = Clock::now();
        const std::int64_t elapsed = nanoseconds_between(part_start_, now);
        visit_.run().add_span(
            visit_.around.thread,
            visit_.node.id,
            {.kind = kind, .start = part_start_, .end = now, .is_busy = is_busy}
        );
        part_start_ = now;
        return elapsed;
    }
    void end_part(Summary NodeTimes::*part, SpanKind kind) {
        if (times_ != nullptr) {
            const std::int64_t elapsed = end_part(kind, true);
            (times_->*part).add(elapsed);
            own_ns_ += elapsed;
        }
    }
    void end_exec() {
        if (times_ != nullptr) {
            exec_ns_ = end_part(SpanKind::exec, !visit_.exec_work_ns.has_value());
            times_->exec.add(exec_ns_);
        }
    }

    Visit& visit_;
    NodeTimes* times_;
    Clock::time_point visit_start_;
    Clock::time_point part_start_;
    std::int64_t own_ns_ = 0;  // in phases other than exec
    std::int64_t exec_ns_ = 0;
    Phase phase_ = Phase::before_prep;
};

/// One visit from its first hook to its action. On several ranks its parts end with an agreement: all go
/// on, or all have the same error.
class VisitRun {
public:
    VisitRun(Visit& visit, Phases& phases)
        : visit_(visit), phases_(phases), ranks_(visit.around.ranks), clock_(visit) {}

    Action run() {
        attempt(true, Phase::walk, [&] {
            if (visit_.node.id != 0) {  // the outermost graph is what runs, not visited
                visit_.run().begin_visit(visit_.node.path);
            }
            ++visit_.counts().visits;
        });
        const bool has_begun = !error_;
        const Store& read_only = visit_.store;
        const bool at_root = ranks_ != nullptr && phases_.is_at_root();
        const bool is_here = !at_root || ranks_->is_root();
        attempt(is_here, Phase::before_prep, [&] {
            phases_.before_prep(read_only, visit_.context);
            enter(Phase::prep);
            phases_.prep(read_only, visit_.context);
        });
        if (ranks_ != nullptr && phases_.is_spread()) {
            agree_on_prep();
        }
        attempt(is_here, Phase::exec, [&] {
            ++visit_.counts().executions;
            if (!at_root || !visit_.run().may_have_threads()
                || !run_beside(
                    1, [&](std::size_t) { exec_and_tell(); }, [&] { answer(); }
                )) {
                phases_.exec(visit_);
            }
        });
        if (at_root) {
            agree_on_error({});
            broadcast_flow();
        }
        Action action;
        attempt(true, Phase::after_exec, [&] {
            phases_.after_exec(read_only, visit_.context);
            enter(Phase::post);
            action = phases_.post(visit_.store, visit_.context);
        });
        if (ranks_ != nullptr) {
            agree_on_action(action);
#ifdef KAYGRAPH_CHECK_HOT
            agree_on_store();
#endif
        }
        if (has_begun) {
            clock_.stop();
        }
        return error_ ? recover() : action;
    }

private:
    template <class Part>
    void attempt(bool is_here, Phase phase, const Part& part) {
        if (error_ || !is_here) {
            return;
        }
        enter(phase);
        error_ = caught(part);
    }

    void enter(Phase phase) {
        phase_ = phase;
        clock_.enter(phase);
    }

    // ---- exec on rank 0 alone: the others wait for as long as it takes, and may ask whether it is there

    void exec_and_tell() {
        const std::exception_ptr error = caught([&] { phases_.exec(visit_); });
        {
            const std::lock_guard lock{mutex_};
            has_executed_ = true;
        }
        executed_.notify_one();
        if (error) {
            std::rethrow_exception(error);
        }
    }

    /// Communicates. The entering thread answers the other ranks while another one executes.
    void answer() {
        constexpr auto pause = std::chrono::milliseconds{10};
        std::unique_lock lock{mutex_};
        while (!executed_.wait_for(lock, pause, [&] { return has_executed_; })) {
            lock.unlock();
            ranks_->keep_watch(Clock::now());  // it waits for nobody
            lock.lock();
        }
    }

    // ---- agreements; on a broken communicator nobody can agree, and the error is everybody's

    /// Returns the first of the values that is not the same on all ranks, where there is no error.
    std::optional<std::size_t> agree_on_error(const std::vector<std::uint64_t>& equal) {
        if (error_ && ranks_->is_broken()) {
            return std::nullopt;
        }
        ranks_->doing(name_of_agreement(phase_), visit_.node.path);
        AgreementPart part{.equal = equal};
        if (error_) {
            part.failure = failure_in(visit_, phase_, error_);
        }
        Agreement agreed = agree(*ranks_, part);
        if (!agreed.failure) {
            return agreed.differs;
        }
        phase_ = static_cast<Phase>(agreed.failure->order);
        error_ = settle(visit_, std::move(agreed), part, error_);
        return std::nullopt;
    }

    void agree_on_prep() {
        const NamedNumber number = error_ ? NamedNumber{} : phases_.agreed_number();
        if (agree_on_error({number.value})) {
            disagree(
                "prep of '" + visit_.node.path + "' made different " + std::string{number.name},
                std::to_string(number.value)
            );
        }
    }

    void agree_on_action(const Action& action) {
        if (agree_on_error({std::hash<std::string_view>{}(action.name())})) {
            disagree(
                "'" + visit_.node.path + "' returned different actions",
                "'" + std::string{action.name()} + "'"
            );
        }
    }

#ifdef KAYGRAPH_CHECK_HOT
    /// What post wrote must be equal on all ranks: looked at in debug builds, as it reads the whole store.
    void agree_on_store() {
        using Hashes = std::map<std::string, std::uint64_t>;
        if (error_) {
            return;
        }
        const Hashes own = StoreAccess::hashes(visit_.store);
        const std::vector<std::byte> bytes = encode(own);
        if (!agree_on_error({hash_of(bytes)})) {
            return;
        }
        const auto of_root = decode<Hashes>(
            ranks_->broadcast(ranks_->is_root() ? bytes : std::vector<std::byte>{}, 0)
        );
        std::string differs;
        for (const Hashes* hashes : {&own, &of_root}) {
            for (const auto& [key, hash] : *hashes) {
                const Hashes& others = hashes == &own ? of_root : own;
                const auto other = others.find(key);
                if (differs.empty() && (other == others.end() || other->second != hash)) {
                    differs = "another value of key '" + key + "'";
                }
            }
        }
        disagree(
            "after '" + visit_.node.path + "' the stores are not equal",
            differs.empty() ? "the values of rank 0" : differs
        );
    }
#endif

    /// All ranks have the same error, which names the first two that differ.
    void disagree(const std::string& what, const std::string& own) {
        std::vector<std::string> texts;
        for (const std::vector<std::byte>& bytes : ranks_->allgather(encode(own))) {
            texts.push_back(decode<std::string>(bytes));
        }
        std::size_t other = 0;
        while (other < texts.size() && texts[other] == texts[0]) {
            ++other;
        }
        const std::string second =
            other < texts.size() ? texts[other] + " on rank " + std::to_string(other) : "";
        error_ = std::make_exception_ptr(
            GraphError(ErrorCode::disagreement, what + ": " + texts[0] + " on rank 0, " + second)
        );
    }

    /// What rank 0 made travels to the others.
    void broadcast_flow() {
        if (error_) {
            return;
        }
        std::vector<std::byte> bytes;
        attempt(ranks_->is_root(), phase_, [&] { bytes = phases_.encode_flow(); });
        bytes = ranks_->broadcast(std::move(bytes), 0);
        attempt(!ranks_->is_root(), Phase::exec, [&] { phases_.decode_flow(bytes); });
    }

    // ---- errors

    /// Counts and notes the error, and asks on_error whether to drop it.
    Action recover() {
        const FailedVisit failed = failed_visit();
        note_failure(visit_.around, failed);
        if (phase_ == Phase::walk || (ranks_ != nullptr && ranks_->is_broken())) {
            std::rethrow_exception(error_);
        }
        NodeCounts& counts = visit_.counts();
        ++counts.errors;
        if (phase_ == Phase::exec) {
            ++counts.failures;
        }
        if (!is_stop(error_) && asks_to_drop()) {
            visit_.around.failed->reset();
            return {};
        }
        std::rethrow_exception(error_);
    }

    bool asks_to_drop() {
        const std::exception_ptr original = std::exchange(error_, nullptr);
        bool dropped = false;
        const RankFailure failure = failure_in(visit_, phase_, original);
        attempt(true, Phase::on_error, [&] {
            with_exception(
                original,
                {.node = failure.node, .item = failure.item},
                [&](const std::exception& exception) {
                    dropped = phases_.on_error(visit_.store, exception, visit_.context);
                }
            );
        });
        if (ranks_ != nullptr && agree_on_error({dropped ? 1ULL : 0ULL})) {
            disagree(
                "on_error of '" + visit_.node.path + "' answered differently",
                dropped ? "true" : "false"
            );
        }
        if (error_) {
            std::rethrow_exception(error_);
        }
        error_ = original;
        return dropped;
    }

    [[nodiscard]] FailedVisit failed_visit() const {
        const RankFailure where = failure_in(visit_, phase_, error_);
        FailedVisit failed{
            .node = where.node,
            .phase = where.phase,
            .failure =
                {.code = where.code,
                 .item = where.item,
                 .attempts = where.attempts,
                 .message = where.message,
                 .cause = error_,
                 .types = where.types},
            .rank = where.rank};
        if (visit_.agreed) {
            failed.others = visit_.agreed->others;
        }
        return failed;
    }

    static const char* name_of_agreement(Phase phase) {
        switch (phase) {
            case Phase::walk:
            case Phase::before_prep:
            case Phase::prep:
                return "the agreement after prep";
            case Phase::exec:
                return "the agreement after exec";
            case Phase::on_error:
                return "the agreement after on_error";
            default:
                return "the agreement after post";
        }
    }

    Visit& visit_;
    Phases& phases_;
    Communicator* const ranks_;
    PhaseClock clock_;
    Phase phase_ = Phase::walk;
    std::exception_ptr error_;
    std::mutex mutex_;
    std::condition_variable executed_;
    bool has_executed_ = false;
};

}  // namespace

VisitInfo visit_info(const NodeEntry& node, const Surroundings& around) {
    return {
        .node = node.path,
        .params = around.params,
        .config = around.config,
        .stop = &around.run->stop(),
        .log = around.log,
        .deadline = around.run->deadline(),
        .n_threads = 1,
        .rank = around.run->rank(),
        .n_ranks = around.run->ranks() == nullptr ? 1 : around.run->ranks()->size(),
        .max_attempts = node.model == nullptr ? 1 : node.model->max_attempts(),
    };
}

Visit::Visit(const NodeEntry& entry, Store& visited, const Surroundings& inherited)
    : node(entry), store(visited), around(inherited), context(visit_info(entry, inherited)) {}

const Context& context_of(const Visit& visit) noexcept {
    return visit.context;
}

void note_failure(const Surroundings& around, FailedVisit failed) {
    const auto place_of = [](const FailedVisit& at) {
        return std::tie(at.node, at.phase, at.failure.item, at.rank);
    };
    if (!around.failed->has_value() || place_of(**around.failed) != place_of(failed)) {
        *around.failed = std::move(failed);
    }
}

std::exception_ptr settle(
    Visit& visit,
    Agreement agreed,
    const AgreementPart& part,
    const std::exception_ptr& own
) {
    std::exception_ptr error = error_of(agreed, part, own);
    if (agreed.failure) {
        visit.agreed = std::move(agreed);
    }
    return error;
}

RankFailure failure_in(const Visit& visit, Phase phase, const std::exception_ptr& error) {
    RankFailure failure = visit.agreed ? *visit.agreed->failure : describe_failure(error);
    failure.order = static_cast<int>(phase);
    if (visit.agreed) {
        return failure;
    }
    failure.rank = visit.run().rank();
    failure.node = visit.node.path;
    failure.phase = name_of(phase);
    failure.item = visit.failed_item ? static_cast<std::int64_t>(*visit.failed_item) : -1;
    failure.attempts = visit.failed_attempts;
    if (visit.around.failed->has_value(
        )) {  // inside: in a walk of this rank alone, or agreed on there
        const FailedVisit& inner = **visit.around.failed;
        failure.rank = inner.rank;
        failure.node = inner.node;
        failure.phase = inner.phase;
        failure.item = inner.failure.item;
        failure.attempts = inner.failure.attempts;
    }
    return failure;
}

Action run_visit(Visit& visit, Phases& phases) {
    return VisitRun{visit, phases}.run();
}

void run_attempts(Visit& visit, const Retry& retry, Attempts& attempts) {
    for (int attempt = 1;; ++attempt) {
        visit.context.set_attempt(attempt);
        std::exception_ptr error;
        try {
            attempts.attempt(visit.context);
            visit.failed_attempts = 0;
            return;
        } catch (...) {
            error = std::current_exception();
        }
        visit.failed_attempts = attempt;
        const Verdict verdict = judge(retry, attempt, 0, error, attempts.has_fallback());
        switch (verdict.step) {
            case NextStep::retry:
                wait_until(Clock::now() + verdict.wait, visit.context);
                visit.run().check_limits(visit.node.path);
                ++visit.counts().retries;
                break;
            case NextStep::fallback:
                ++visit.counts().fallbacks;
                with_exception(
                    error,
                    {.node = visit.node.path},
                    [&](const std::exception& exception) {
                        attempts.fallback(exception, visit.context);
                    }
                );
                visit.failed_attempts = 0;
                return;
            case NextStep::give_up:
            case NextStep::pass_through:
                std::rethrow_exception(error);
        }
    }
}

}  // namespace kaygraph::detail
