#include "support/memory_sink.hpp"

#include "support/ranks.hpp"

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/error.hpp>

namespace kaygraph::test {

void MemorySink::open(const SinkShape& opened) {
    shape = opened;
    is_open = true;
}

void MemorySink::write(const Block& block, const BlockOutput& output) {
    const std::lock_guard lock{mutex_};
    if (block.index == fail_at_block) {
        throw IoError(ErrorCode::io, "the sink is full");
    }
    blocks[block.index].assign(output.bytes.begin(), output.bytes.end());
    ends[block.index].assign(output.ends.begin(), output.ends.end());
    ++times_written[block.index];
}

void MemorySink::finish() {
    is_finished = true;
}

void MemorySink::gather_over_ranks() {
    Communicator* all = ranks().communicator();
    if (all == nullptr || n_ranks() == 1) {
        return;
    }
    using Written = std::tuple<decltype(blocks), decltype(ends), decltype(times_written), bool>;
    for (const auto& [block, times] : gathered_) {
        times_written[block] -= times;
    }
    const Written own{blocks, ends, times_written, is_finished};
    const auto parts = all->allgather(encode(own));
    times_written = gathered_;
    for (const std::vector<std::byte>& bytes : parts) {
        const auto [their_blocks, their_ends, their_times, finished] = decode<Written>(bytes);
        blocks.insert(their_blocks.begin(), their_blocks.end());
        ends.insert(their_ends.begin(), their_ends.end());
        for (const auto& [block, times] : their_times) {
            if (times != 0) {
                times_written[block] += times;
            }
        }
        is_finished = is_finished && finished;
    }
    gathered_ = times_written;
}

void MemoryLedger::gather_over_ranks() {
    Communicator* all = ranks().communicator();
    if (all == nullptr || n_ranks() == 1) {
        return;
    }
    using Told = std::tuple<decltype(done_blocks), decltype(rejected_items)>;
    for (const auto& bytes : all->allgather(encode(Told{done_blocks, rejected_items}))) {
        const auto [their_blocks, their_items] = decode<Told>(bytes);
        done_blocks.insert(their_blocks.begin(), their_blocks.end());
        rejected_items.insert(their_items.begin(), their_items.end());
    }
}

std::vector<std::byte> MemorySink::bytes() const {
    std::vector<std::byte> all;
    for (const auto& block : blocks) {
        all.insert(all.end(), block.second.begin(), block.second.end());
    }
    return all;
}

bool MemoryLedger::is_done(const Block& block) {
    const std::lock_guard lock{mutex_};
    return done_blocks.count(block.index) != 0;
}

void MemoryLedger::started(const Block& block) {
    const std::lock_guard lock{mutex_};
    ++times_started[block.index];
}

void MemoryLedger::done(const Block& block, const BlockOutput& /*output*/) {
    const std::lock_guard lock{mutex_};
    done_blocks.insert(block.index);
}

void MemoryLedger::rejected(const Block& /*block*/, const Failure& failure) {
    const std::lock_guard lock{mutex_};
    rejected_items[static_cast<std::size_t>(failure.item)] = failure.message;
}

}  // namespace kaygraph::test
