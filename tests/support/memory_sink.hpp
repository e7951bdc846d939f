#pragma once

#include <kaygraph/parallel/sink.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace kaygraph::test {

/// A sink in memory: fixed-size rows at their places, others per block.
class MemorySink final : public Sink {
public:
    void open(const SinkShape& shape) override;
    void write(const Block& block, const BlockOutput& output) override;
    void finish() override;

    /// Collective. Puts together what the sinks of all ranks were given since the last time; each block
    /// came to one of them.
    void gather_over_ranks();

    /// All bytes in item order.
    [[nodiscard]] std::vector<std::byte> bytes() const;
    template <class T>
    [[nodiscard]] std::vector<T> rows_as() const;

    SinkShape shape;
    std::map<std::size_t, std::vector<std::byte>> blocks;  // by block index
    std::map<std::size_t, std::vector<std::size_t>> ends;
    std::map<std::size_t, int> times_written;
    bool is_open = false;
    bool is_finished = false;
    std::size_t fail_at_block = static_cast<std::size_t>(-1);

private:
    std::map<std::size_t, int> gathered_;  // times_written after the last gathering
    std::mutex mutex_;
};

/// A ledger in memory.
class MemoryLedger final : public Ledger {
public:
    bool is_done(const Block& block) override;
    void started(const Block& block) override;
    void done(const Block& block, const BlockOutput& output) override;
    void rejected(const Block& block, const Failure& failure) override;

    /// Collective. Puts together what the ledgers of all ranks were told.
    void gather_over_ranks();

    std::set<std::size_t> done_blocks;
    std::map<std::size_t, int> times_started;
    std::map<std::size_t, std::string> rejected_items;

private:
    std::mutex mutex_;
};

template <class T>
std::vector<T> MemorySink::rows_as() const {
    const std::vector<std::byte> all = bytes();
    const T* first = reinterpret_cast<const T*>(all.data());
    return {first, first + all.size() / sizeof(T)};
}

}  // namespace kaygraph::test
