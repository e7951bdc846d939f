#pragma once

#include <kaygraph/graph/detail/common_phases.hpp>
#include <kaygraph/graph/detail/item_runner.hpp>
#include <kaygraph/graph/detail/item_shape.hpp>
#include <kaygraph/graph/detail/result_room.hpp>
#include <kaygraph/parallel/padded.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

/// @file
/// The typed side of batch nodes: runs items and hands their results to their room.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

template <class T>
class BatchPhases final : public CommonPhases<T>, private ItemRunner {
    using Flow = BatchFlow<T>;
    using ItemList = typename Flow::Items;
    using Value = typename Flow::Value;
    using Results = ResultsOf<T>;
    using Element = typename ResultKind<Results>::Element;
    using P = PrepResult<T>;
    using Use = FlowUse<T, P, Results>;
    using Room = typename std::conditional_t<
        Flow::is_bulk,
        std::type_identity<BulkRoom<Results>>,
        std::type_identity<ItemRoom<Results>>>::type;
    using State = std::conditional_t<Flow::has_state, typename Flow::State, char>;
    static constexpr bool is_rows = ResultKind<Results>::is_rows;
    /// Bulk calls want their items side by side: those of other ranges are gathered.
    static constexpr bool keeps_items =
        ItemList::is_source || (Flow::is_bulk && !ItemList::is_contiguous);
    /// Whether exec looks at its context; where not, a store is saved for each item.
    static constexpr bool wants_context = Flow::is_bulk || exec_takes_context<T, Flow>();
    using CommonPhases<T>::node_;
    using CommonPhases<T>::prepared_;

    /// A block's items and results, where they are not in the prep result and in memory for the batch.
    struct Buffer final : BlockBuffer {
        typename ItemList::Storage storage;  // outlives the items, which may point into it
        std::vector<Value> items;
        typename Room::Block results;
    };

public:
    BatchPhases(const T& node, const BatchPlan& plan) : CommonPhases<T>(node), plan_(plan) {}

    static constexpr bool has_results = !std::is_void_v<Element>;
    /// The type of results, or of what rank 0 makes for all, that cannot be serialised; empty where there is
    /// none.
    static std::string_view stuck_result() noexcept {
        if constexpr (std::is_void_v<Element>) {
            return {};
        } else {
            return Encodable<Element> ? std::string_view{} : type_name<Element>();
        }
    }
    static std::string_view stuck_flow() noexcept {
        if constexpr (Use::of_prep && !travels<P>) {
            return type_name<P>();
        } else {
            return Use::of_result ? stuck_result() : std::string_view{};
        }
    }

    void prep(const Store& store, const Context& context) override {
        CommonPhases<T>::prep(store, context);
        items_.open(prepared_.value());
    }
    void exec(Visit& visit) override { run_batch(visit, *this, plan_); }
    void after_exec(const Store& store, const Context& context) override {
        this->template call_after_exec<Results>(store, context, results_);
    }
    Action post(Store& store, const Context& context) override {
        return this->template call_post<Results>(store, context, results_);
    }

    [[nodiscard]] bool is_spread() const noexcept override { return plan_.parallel != nullptr; }
    [[nodiscard]] NamedNumber agreed_number() const override {
        return {"numbers of items", items_.size()};
    }
    [[nodiscard]] bool is_at_root() const noexcept override { return plan_.is_at_root; }
    std::vector<std::byte> encode_flow() override {
        Encoder encoder;
        if constexpr (Use::of_prep && travels<P>) {
            encoder.put(prepared_.get());
        }
        if constexpr (Use::of_result) {
            encoder.put(results_.get().end());
            encoder.put(room_.row_length());
            encoder.put(encode_values(results_.get().end().here));
        }
        return encoder.take();
    }
    void decode_flow(std::span<const std::byte> bytes) override {
        Decoder decoder{bytes};
        if constexpr (Use::of_prep && travels<P>) {
            prepared_.set([&] { return decoder.take<P>(); });
        }
        if constexpr (Use::of_result) {
            auto end = decoder.take<BatchEnd>();
            const auto row_length = decoder.take<std::size_t>();
            results_.set([] { return Results{}; });
            room_.open(results_.value(), end.n_items, row_length, false);
            decode_values(end.here, decoder.take<std::vector<std::byte>>());
            room_.close(std::move(end), false);
        } else {
            results_.set([] { return Results{}; });
        }
    }

private:
    // ---- what the engine asks

    [[nodiscard]] bool has_values() const noexcept override { return has_results; }
    std::vector<std::byte> encode_values(const RangeSet& items) override {
        Encoder encoder;
        if constexpr (!std::is_void_v<Element>) {
            for (const auto& [first, last] : items.ranges()) {
                room_.encode(encoder, first, last);
            }
        }
        return encoder.take();
    }
    void decode_values(const RangeSet& items, std::span<const std::byte> bytes) override {
        Decoder decoder{bytes};
        if constexpr (!std::is_void_v<Element>) {
            for (const auto& [first, last] : items.ranges()) {
                room_.decode(decoder, first, last);
            }
        }
    }

    [[nodiscard]] std::size_t n_items() const override { return items_.size(); }
    [[nodiscard]] bool is_bulk() const noexcept override { return Flow::is_bulk; }
    [[nodiscard]] bool has_fallback() const noexcept override { return ExecFallback::named<T>; }
    [[nodiscard]] bool needs_buffer() const noexcept override { return keeps_items || to_sink_; }
    [[nodiscard]] std::unique_ptr<BlockBuffer> make_buffer() const override {
        return std::make_unique<Buffer>();
    }
    [[nodiscard]] SinkShape sink_shape() const override {
        return {.row_bytes = room_.row_bytes(), .row_length = room_.row_length()};
    }

    void open(std::size_t n_workers, bool to_sink, const Context& context) override {
        to_sink_ = to_sink;
        states_.resize(n_workers);
        std::size_t row_length = 1;
        if constexpr (is_rows) {
            row_length = static_cast<std::size_t>(call<RowLength>(node_, context));
        }
        results_.set([] { return Results{}; });
        room_.open(results_.value(), items_.size(), row_length, to_sink);
    }

    void enter(std::size_t worker, const Context& context) override {
        if constexpr (Flow::has_state) {
            // new, not make_unique: a state that cannot be moved is made in its place
            states_[worker].value.reset(new State(call<ThreadState>(node_, context)));
        }
    }

    void load(const Block& block, BlockBuffer& buffer) override {
        Buffer& own = static_cast<Buffer&>(buffer);
        own.first = block.first;
        if constexpr (ItemList::is_source) {
            items_.read(block.first, block.count, own.items, own.storage);
            check_items_read(block, own.items.size());
        } else if constexpr (keeps_items) {
            own.items.clear();
            for (std::size_t i = 0; i < block.count; ++i) {
                own.items.push_back(items_[block.first + i]);
            }
        }
        if (to_sink_) {
            room_.open_block(own.results, block.count);
        }
    }

    std::size_t run(
        ItemFrame& frame,
        BlockBuffer* buffer,
        std::size_t first,
        std::size_t last,
        std::exception_ptr& error
    ) override {
        std::size_t item = first;
        const StopFlags stop =
            frame.stop;  // in registers: exec might change the frame, for all one knows
        try {
            for (; item < last && !stop.stopped(); ++item) {
                if (run_one(frame, buffer, item)) {
                    return item + 1;
                }
            }
        } catch (...) {
            error = std::current_exception();
        }
        return item;
    }

    void run_bulk(ItemFrame& frame, BlockBuffer* buffer, std::size_t first, std::size_t last)
        override {
        if constexpr (Flow::is_bulk) {
            call_bulk(frame, buffer, first, last);
            for (std::size_t item = first; frame.stop_when != nullptr && item < last; ++item) {
                if (meets(frame, buffer, item)) {
                    return;
                }
            }
        }
    }

    void attempt(ItemFrame& frame, BlockBuffer* buffer, std::size_t item) override {
        run_one(frame, buffer, item);
    }

    void fallback(
        ItemFrame& frame,
        BlockBuffer* buffer,
        std::size_t item,
        const std::exception& error
    ) override {
        if constexpr (ExecFallback::named<T>) {
            frame.context.set_item(item);
            const auto call_it = [&](auto&&... row) -> decltype(auto) {
                return call<ExecFallback>(
                    node_, frame.context, argument(buffer, item), error, row...
                );
            };
            if constexpr (is_rows) {
                call_it(room_.span(place(buffer, item), 1));
            } else if constexpr (std::is_void_v<Element>) {
                call_it();
            } else if constexpr (Flow::is_bulk) {
                room_.span(place(buffer, item), 1)[0] = call_it();
            } else if (room_.keep(place(buffer, item), frame.stop_when, [&]() -> Element {
                           return call_it();
                       })) {
                frame.met = item;
            }
            if constexpr (Flow::is_bulk) {
                meets(frame, buffer, item);
            }
        }
    }

    void clear(BlockBuffer* buffer, std::size_t item) override { room_.clear(place(buffer, item)); }

    BlockOutput output(const Block& block, BlockBuffer& buffer, const RangeSet& failed) override {
        return room_.output(static_cast<Buffer&>(buffer).results, block.first, block.count, failed);
    }

    void close(BatchEnd end) override { room_.close(std::move(end), to_sink_); }

    // ---- one item, one block

    /// Returns whether the result met stop_when.
    bool run_one(ItemFrame& frame, BlockBuffer* buffer, std::size_t item) {
        if constexpr (wants_context) {
            frame.context.set_item(item);
        }
        if constexpr (Flow::is_bulk) {
            room_.clear(place(buffer, item));
            call_bulk(frame, buffer, item, item + 1);
            return meets(frame, buffer, item);
        } else if constexpr (std::is_void_v<Element>) {
            call_items<Exec, Flow>(node_, frame.context, state(frame), argument(buffer, item));
            return false;
        } else {
            const bool met = room_.keep(place(buffer, item), frame.stop_when, [&]() -> Element {
                return call_items<Exec, Flow>(
                    node_, frame.context, state(frame), argument(buffer, item)
                );
            });
            if (met) {
                frame.met = item;
            }
            return met;
        }
    }

    void call_bulk(ItemFrame& frame, BlockBuffer* buffer, std::size_t first, std::size_t last) {
        frame.context.set_item(first);
        const std::size_t count = last - first;
        std::span<const Value> items;
        if constexpr (keeps_items) {
            items = {static_cast<Buffer*>(buffer)->items.data() + (first - buffer->first), count};
        } else {
            items = {items_.address(first), count};
        }
        const std::span<Element> room = room_.span(place(buffer, first), count);
        if constexpr (is_rows) {
            call_items<ExecBatch, Flow>(
                node_,
                frame.context,
                state(frame),
                items,
                MatrixView<Element>{room.data(), count, room_.row_length()}
            );
        } else {
            call_items<ExecBatch, Flow>(node_, frame.context, state(frame), items, room);
        }
    }

    bool meets(ItemFrame& frame, BlockBuffer* buffer, std::size_t item) {
        const bool met =
            frame.stop_when != nullptr && room_.meets(*frame.stop_when, place(buffer, item));
        if (met) {
            frame.met = item;
        }
        return met;
    }

    decltype(auto) argument(BlockBuffer* buffer, std::size_t item) const {
        if constexpr (ItemList::is_source) {
            return std::as_const(static_cast<Buffer*>(buffer)->items)[item - buffer->first];
        } else {
            return items_[item];
        }
    }

    typename Room::Place place(BlockBuffer* buffer, std::size_t item) const noexcept {
        if (!to_sink_) {
            return {nullptr, item};
        }
        return {&static_cast<Buffer*>(buffer)->results, item - buffer->first};
    }

    auto* state(const ItemFrame& frame) noexcept {
        if constexpr (Flow::has_state) {
            return states_[frame.context.thread()].value.get();
        } else {
            return static_cast<void*>(nullptr);
        }
    }

    BatchPlan plan_;
    ItemList items_;
    Held<Results> results_;
    Room room_;
    bool to_sink_ = false;
    std::vector<Padded<std::unique_ptr<State>>> states_;
};

}  // namespace kaygraph::detail

#pragma GCC visibility pop
