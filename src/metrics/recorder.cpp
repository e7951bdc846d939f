#include <kaygraph/metrics/recorder.hpp>

#include <algorithm>
#include <utility>

namespace kaygraph {

Recorder::Recorder(std::vector<bool> timed) : timed_(std::move(timed)), slots_(1) {}

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
