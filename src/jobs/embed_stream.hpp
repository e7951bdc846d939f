#pragma once

#include "jobs/embed_nodes.hpp"
#include "jobs/stream_files.hpp"

#include <kaygraph/graph/graph.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// @file
/// Embedding into a stream: open → count → rows ⟲. Rows come as many at a time as fit into some memory, in order, on rank 0.
/// Nothing of the run is kept, and none goes on.

namespace kaygraph::jobs::detail {

/// The texts [first, first + n) of a source.
struct TextWindow {
    using Item = TextRecord;
    using Storage = TextStorage;

    TextSource texts;
    std::size_t first = 0;
    std::size_t n = 0;

    [[nodiscard]] std::size_t size() const noexcept { return n; }
    void read(
        std::size_t from,
        std::size_t count,
        std::vector<TextRecord>& items,
        TextStorage& storage
    ) const {
        texts.read(first + from, count, items, storage);
    }
};

/// Finds the inputs on rank 0 and opens the model on every rank.
struct OpenStream : Node {
    EmbedParts* parts;
    Opened exec(const Context& context) const;
    void post(Store& shared, Opened opened, const Context& context) const;
};

/// What is known of a stream between two of its windows, on every rank.
struct StreamState {
    std::size_t n_written = 0;
    RangeSet rejected = {};
};

/// Embeds the next rows and gives them to the stream; its action is "more" until all have been.
struct StreamRows : ParallelBatchNode {
    EmbedParts* parts;
    StreamFiles* stream;
    StreamState* state;

    using State = Embed::State;

    TextWindow prep(const Store& shared) const;
    std::size_t row_length() const { return parts->cols; }
    State thread_state() const { return Embed{{}, parts}.thread_state(); }
    void exec_batch(
        std::span<const TextRecord> records,
        MatrixView<float> rows,
        State& scratch,
        const Context& context
    ) const;
    Action post(Store& shared, BatchRows<float> rows, const Context& context) const;

private:
    void write(BatchRows<float> rows) const;
};

/// Wires them.
Graph make_stream_graph(EmbedParts& parts, StreamFiles& stream, StreamState& state);

}  // namespace kaygraph::jobs::detail
