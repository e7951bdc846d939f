#include <kaygraph/metrics/recorder.hpp>

#include <algorithm>
#include <utility>

namespace kaygraph {

Recorder::Recorder(std::vector<bool> timed, std::size_t most_spans)
    : timed_(std::move(timed)), most_spans_(most_spans), slots_(1) {}

void Recorder::reserve_threads(std::size_t n_threads) {
    if (n_threads > slots_.size()) {
        slots_.resize(n_threads);
    }
}

Recorder::Slot& Recorder::make_slot(std::size_t thread) {
    auto slot = std::make_unique<Slot>();
    slot->counts.resize(timed_.size());
    slot->times.resize(timed_.size());
    slots_[thread].value = std::move(slot);
    return *slots_[thread].value;
}

NodeTimes* Recorder::times_of(Slot& slot, std::size_t node) {
    std::unique_ptr<NodeTimes>& times = slot.times[node];
    if (times == nullptr) {
        times = std::make_unique<NodeTimes>();
    }
    return times.get();
}

void Recorder::add_span(std::size_t thread, const TraceSpan& span, bool is_busy) {
    Slot& own = slot(thread);
    if (is_busy) {
        own.occupancy.add(span.start_ns, span.start_ns + span.duration_ns);
        own.was_busy = true;
    }
    if (own.spans.size() < most_spans_) {
        own.spans.push_back(span);
    } else {
        ++own.n_dropped;
    }
}

void Recorder::collect(int rank, std::int64_t until_ns, RankTimeline& timeline) const {
    for (std::size_t thread = 0; thread < slots_.size(); ++thread) {
        const Slot* slot = slots_[thread].value.get();
        if (slot == nullptr || (!slot->was_busy && slot->spans.empty())) {
            continue;
        }
        const auto number = static_cast<std::uint32_t>(thread);
        timeline.occupancy.push_back(
            {rank, number, slot->occupancy.bin_ns(), slot->occupancy.percent(until_ns)}
        );
        if (most_spans_ > 0) {
            timeline.traces.push_back({rank, number, slot->n_dropped, slot->spans});
        }
    }
}

void Recorder::collect(std::size_t node, NodeStats& stats) const {
    for (const Padded<std::unique_ptr<Slot>>& padded : slots_) {
        const Slot* slot = padded.value.get();
        if (slot == nullptr) {
            continue;
        }
        stats.counts.merge(slot->counts[node]);
        if (slot->times[node] != nullptr) {
            stats.times.merge(*slot->times[node]);
        }
    }
}

}  // namespace kaygraph
