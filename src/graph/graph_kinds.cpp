// How a visit of a graph runs: once, or once for each of its parameter sets.
#include "graph/visit.hpp"
#include "graph/walk.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/graph/detail/item_runner.hpp>
#include <kaygraph/graph/graph.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <tuple>
#include <utility>

namespace kaygraph::detail {
namespace {

/// on_error, which both kinds have.
template <class Options>
class GraphPhases : public Phases {
public:
    GraphPhases(const GraphBody& graph, const Options& options) noexcept
        : graph_(graph), options_(options) {}

    /// The walks inside meet on all ranks: none may be left out of them by an error of its prep.
    [[nodiscard]] bool is_spread() const noexcept override { return true; }

    bool on_error(Store& store, const std::exception& error, const Context& /*context*/) override {
        return options_.on_error && options_.on_error(store, error);
    }

protected:
    /// Walks from the start; the visits inside have counted their own time.
    Action walk_once(Visit& visit, Store& store, const Surroundings& around) const {
        visit.exec_work_ns = 0;
        visit.exec_critical_ns = 0;
        return walk(graph_, *graph_.start(), store, inside(around));
    }

    /// What the nodes of this graph inherit.
    Surroundings inside(Surroundings around) const {
        const Log& log = graph_.settings().log;
        if (log && !around.run->has_log()) {
            around.log = &log;
        }
        return around;
    }

    const GraphBody& graph_;
    const Options& options_;
};

class SingleWalk final : public GraphPhases<GraphOptions> {
public:
    using GraphPhases::GraphPhases;

    void prep(const Store& store, const Context& /*context*/) override {
        if (options_.prep) {
            options_.prep(store);
        }
    }
    void exec(Visit& visit) override { last_action_ = walk_once(visit, visit.store, visit.around); }
    Action post(Store& store, const Context& /*context*/) override {
        return options_.post ? options_.post(store, last_action_) : last_action_;
    }

private:
    Action last_action_;
};

class WalkPerSet final : public GraphPhases<BatchGraphOptions>, private ItemRunner {
public:
    using GraphPhases::GraphPhases;

    void prep(const Store& store, const Context& context) override {
        sets_ = options_.parameter_sets(store);
        for (const Params& set : sets_) {
            params_.push_back(context.params().overlaid_by(set));
        }
        last_actions_.resize(sets_.size());
    }

    [[nodiscard]] NamedNumber agreed_number() const override {
        return {"parameter sets (their hashes differ)", hash_of(encode(sets_))};
    }

    void exec(Visit& visit) override {
        visit_ = &visit;
        if (!options_.parallel) {
            walk_in_order(visit);
            return;
        }
        const Retry once;
        const ParallelBatchOptions options{
            .threads = options_.parallel->threads,
            .block = 1,
            .schedule = options_.parallel->schedule};
        run_batch(visit, *this, {.retry = &once, .parallel = &options});
        visit.exec_work_ns = 0;
        visit.exec_critical_ns = 0;
        if (visit.around.path != nullptr && !workers_.empty()) {
            add_path(*visit.around.path, longest_path());
        }
    }

    Action post(Store& store, const Context& context) override {
        if (options_.parallel) {
            join_writes(store, writes_, options_.reducers, std::string{context.node()});
        }
        return options_.post ? options_.post(store, sets_, last_actions_) : Action{};
    }

private:
    /// One walk after another, on the same store.
    void walk_in_order(Visit& visit) {
        for (std::size_t i = 0; i < sets_.size(); ++i) {
            Surroundings around = visit.around;
            around.params = &params_[i];
            ++visit.counts().items;
            try {
                last_actions_[i] = walk_once(visit, visit.store, around);
            } catch (...) {
                name_set(*visit.around.failed, i);
                throw;
            }
        }
    }

    /// A failure inside a walk tells which set it was, unless it tells which item of a batch.
    static void name_set(std::optional<FailedVisit>& failed, std::size_t set) {
        if (failed && failed->failure.item < 0) {
            failed->failure.item = static_cast<std::int64_t>(set);
        }
    }

    /// What a worker of parallel walks keeps.
    struct Worker {
        PathTimes longest_path;
    };

    [[nodiscard]] std::size_t n_items() const override { return sets_.size(); }
    void open(std::size_t n_workers, bool /*to_sink*/, const Context& /*context*/) override {
        const std::size_t n_nodes =
            visit_->around.path == nullptr ? 0 : visit_->around.path->size();
        workers_.assign(n_workers, {PathTimes(n_nodes)});
        writes_.resize(sets_.size());
        failed_.resize(sets_.size());
    }

    void attempt(ItemFrame& frame, BlockBuffer* /*buffer*/, std::size_t item) override {
        Store store = visit_->store;
        PathTimes path(workers_[frame.context.thread()].longest_path.size());
        Surroundings around = inside(visit_->around);
        around.params = &params_[item];
        around.thread = frame.slot;
        around.is_concurrent =
            around.is_concurrent || workers_.size() > 1 || around.ranks != nullptr;
        if (around.ranks != nullptr) {  // this walk is on this rank alone
            around.ranks = nullptr;
            around.recorder = &around.run->recorder;
        }
        around.failed = &failed_[item];
        around.path = around.path == nullptr ? nullptr : &path;
        last_actions_[item] = walk(graph_, *graph_.start(), store, around);
        writes_[item] = {
            .name = "parameter set " + std::to_string(item),
            .writes = StoreAccess::writes_since(visit_->store, store)};
        PathTimes& longest = workers_[frame.context.thread()].longest_path;
        if (length_of(path) > length_of(longest)) {
            longest = std::move(path);
        }
    }

    [[nodiscard]] std::optional<FailedVisit> where_failed(std::size_t item) const override {
        return item < failed_.size() ? failed_[item] : std::nullopt;
    }

    /// What a walk left, on its way to other ranks.
    struct TravellingWrite {
        std::string key;
        std::string type;  ///< empty: the key was erased
        std::vector<std::byte> bytes;
        static auto codec(auto& self) { return std::tie(self.key, self.type, self.bytes); }
    };

    std::vector<std::byte> encode_values(const RangeSet& items) override {
        Encoder encoder;
        for (const auto& [first, last] : items.ranges()) {
            for (std::size_t item = first; item < last; ++item) {
                std::vector<TravellingWrite> writes;
                for (const StoreWrite& write : writes_[item].writes) {
                    writes.push_back(packed(write));
                }
                encoder.put(std::string{last_actions_[item].name()});
                encoder.put(writes);
            }
        }
        encoder.put(longest_path());
        return encoder.take();
    }
    void decode_values(const RangeSet& items, std::span<const std::byte> bytes) override {
        Decoder decoder{bytes};
        for (const auto& [first, last] : items.ranges()) {
            for (std::size_t item = first; item < last; ++item) {
                last_actions_[item] = Action{decoder.take<std::string>()};
                writes_[item] = {.name = "parameter set " + std::to_string(item), .writes = {}};
                for (TravellingWrite& write : decoder.take<std::vector<TravellingWrite>>()) {
                    writes_[item].writes.push_back(unpacked(write));
                }
            }
        }
        workers_.push_back({decoder.take<PathTimes>()});
    }
    [[nodiscard]] const PathTimes& longest_path() const {
        const auto longest = std::max_element(
            workers_.begin(),
            workers_.end(),
            [](const Worker& a, const Worker& b) {
                return length_of(a.longest_path) < length_of(b.longest_path);
            }
        );
        return longest->longest_path;
    }

    static TravellingWrite packed(const StoreWrite& write) {
        if (!write.value) {
            return {.key = write.key, .type = {}, .bytes = {}};
        }
        if (!write.value->travels()) {
            throw StoreError(
                ErrorCode::wrong_type,
                "key '" + write.key + "' was written by a walk over parameter sets, and its type "
                    + std::string{write.value->type_name()}
                    + " cannot travel to the other ranks; give it a codec, or write something else"
            );
        }
        return {write.key, std::string{write.value->type_name()}, write.value->encoded()};
    }
    static StoreWrite unpacked(TravellingWrite& write) {
        return {
            std::move(write.key),
            write.type.empty() ? ValuePtr{} : decode_value(write.type, write.bytes)};
    }

    void close(BatchEnd end) override {
        if (!end.failures.empty()) {
            const auto item = static_cast<std::size_t>(end.failures.front().item);
            if (failed_[item]) {
                name_set(failed_[item], item);
                note_failure(visit_->around, std::move(*failed_[item]));
            }
        }
    }

    Visit* visit_ = nullptr;
    std::vector<Params> sets_;
    std::vector<Params> params_;  // the sets over the graph's
    std::vector<Action> last_actions_;
    std::vector<WalkWrites> writes_;
    std::vector<std::optional<FailedVisit>> failed_;
    std::vector<Worker> workers_;
};

template <class Options, class PhasesOf, NodeKind Kind>
class KindOf final : public GraphKind {
public:
    explicit KindOf(Options options) : options_(std::move(options)) {}

    [[nodiscard]] NodeKind kind() const noexcept override { return Kind; }
    [[nodiscard]] bool is_spread() const noexcept override {
        if constexpr (Kind == NodeKind::batch_graph) {
            return options_.parallel.has_value();
        } else {
            return false;
        }
    }
    [[nodiscard]] std::string spreading() const override {
        if constexpr (Kind == NodeKind::batch_graph) {
            if (options_.parallel) {
                return "spread, schedule "
                       + std::to_string(static_cast<int>(options_.parallel->schedule));
            }
        }
        return "in order";
    }
    Action visit(const GraphBody& graph, Visit& visit) const override {
        PhasesOf phases{graph, options_};
        return run_visit(visit, phases);
    }

private:
    Options options_;
};

}  // namespace

std::unique_ptr<GraphKind> make_graph_kind(GraphOptions options) {
    return std::make_unique<KindOf<GraphOptions, SingleWalk, NodeKind::graph>>(std::move(options));
}

std::unique_ptr<GraphKind> make_batch_graph_kind(BatchGraphOptions options) {
    return std::make_unique<KindOf<BatchGraphOptions, WalkPerSet, NodeKind::batch_graph>>(
        std::move(options)
    );
}

}  // namespace kaygraph::detail
