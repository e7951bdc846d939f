#pragma once

#include <kaygraph/base/codec.hpp>
#include <kaygraph/base/range_set.hpp>
#include <kaygraph/graph/batch_result.hpp>
#include <kaygraph/graph/detail/slots.hpp>
#include <kaygraph/graph/options.hpp>
#include <kaygraph/parallel/blocks.hpp>
#include <kaygraph/parallel/sink.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

/// @file
/// Where the results of a batch go: into memory for all items, or block by block on their way to a sink.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

/// What is in the results.
template <class Results>
struct ResultKind;
template <class R>
struct ResultKind<BatchResult<R>> {
    using Element = R;
    static constexpr bool is_rows = false;
};
template <class T>
struct ResultKind<BatchRows<T>> {
    using Element = T;
    static constexpr bool is_rows = true;
};

/// Results of exec_batch: elements that exist before they are written, `row_length` for each item.
template <class Results>
class BulkRoom {
public:
    using Element = typename ResultKind<Results>::Element;
    static constexpr bool is_rows = ResultKind<Results>::is_rows;

    /// Room for one block, where the results go to a sink.
    struct Block {
        std::unique_ptr<Element[]> elements;
        std::size_t capacity = 0;
        std::vector<std::byte> bytes;
        std::vector<std::size_t> ends;
    };
    /// Where an item's result is.
    struct Place {
        Block* block;  // null: in memory for the batch
        std::size_t index;
    };

    void open(Results& results, std::size_t n_items, std::size_t row_length, bool to_sink) {
        results_ = &results;
        row_length_ = row_length;
        if (to_sink) {
            return;
        }
        if constexpr (is_rows) {
            results.allocate(n_items, row_length);
        } else {
            results.slots().allocate_default(n_items);
        }
    }

    void open_block(Block& block, std::size_t count) {
        const std::size_t n_elements = checked_product(count, row_length_);
        if (block.capacity < n_elements) {
            block.elements = std::make_unique<Element[]>(n_elements);
            block.capacity = n_elements;
        } else {
            std::fill_n(block.elements.get(), n_elements, Element{});
        }
    }

    [[nodiscard]] std::size_t row_length() const noexcept { return row_length_; }
    /// Bytes of a result; 0 where results differ in size.
    [[nodiscard]] std::size_t row_bytes() const noexcept {
        return fixed_bytes<Element>() * row_length_;
    }

    [[nodiscard]] std::span<Element> span(const Place& place, std::size_t count) {
        Element* elements = nullptr;
        if (place.block != nullptr) {
            elements = place.block->elements.get();
        } else if constexpr (is_rows) {
            elements = results_->writable().data();
        } else {
            elements = results_->slots().data();
        }
        return {elements + place.index * row_length_, count * row_length_};
    }

    /// Forgets what a failed bulk call left for one item.
    void clear(const Place& place) {
        const std::span<Element> elements = span(place, 1);
        std::fill(elements.begin(), elements.end(), Element{});
    }

    [[nodiscard]] bool meets(const StopWhen& predicate, const Place& place) {
        const std::span<Element> elements = span(place, 1);
        if constexpr (is_rows) {
            const std::span<const Element> row = elements;
            return predicate(&row);
        } else {
            return predicate(elements.data());
        }
    }

    BlockOutput output(Block& block, std::size_t first, std::size_t count, const RangeSet& failed) {
        const std::span<Element> elements{block.elements.get(), count * row_length_};
        if constexpr (BytesAreValue<Element>) {
            const std::span<std::byte> bytes = std::as_writable_bytes(elements);
            clear_failed_rows(bytes, first, failed);
            return {.bytes = bytes, .row_bytes = row_bytes()};
        } else if constexpr (Encodable<Element>) {
            Encoder encoder;
            block.ends.clear();
            for (std::size_t i = 0; i < count; ++i) {
                if (failed.contains(first + i)) {
                    encoder.put_zeros(row_bytes());
                } else {
                    for (const Element& element : elements.subspan(i * row_length_, row_length_)) {
                        encoder.put(element);
                    }
                }
                block.ends.push_back(encoder.bytes().size());
            }
            block.bytes = encoder.take();
            if (row_bytes() != 0) {
                return {.bytes = block.bytes, .row_bytes = row_bytes()};
            }
            return {.bytes = block.bytes, .ends = block.ends};
        } else {
            return {};
        }
    }

    /// Writes the values of items [first, last), which are in memory.
    void encode(Encoder& encoder, std::size_t first, std::size_t last) {
        const std::span<const Element> elements = span({nullptr, first}, last - first);
        if constexpr (BytesAreValue<Element>) {
            encoder.put_bytes(std::as_bytes(elements));
        } else if constexpr (Encodable<Element>) {
            for (const Element& element : elements) {
                encoder.put(element);
            }
        }
    }
    void decode(Decoder& decoder, std::size_t first, std::size_t last) {
        const std::span<Element> elements = span({nullptr, first}, last - first);
        if constexpr (BytesAreValue<Element>) {
            const std::span<const std::byte> bytes = decoder.take_bytes(elements.size_bytes());
            std::copy(bytes.begin(), bytes.end(), std::as_writable_bytes(elements).begin());
        } else if constexpr (Encodable<Element>) {
            for (Element& element : elements) {
                element = decoder.take<Element>();
            }
        }
    }

    void close(BatchEnd end, bool to_sink) {
        if constexpr (is_rows) {
            if (!to_sink) {
                clear_rows_without_value(end);
            }
        }
        results_->set_end(std::move(end));
    }

private:
    /// A failed item's row is zeros, which an Element{} need not be.
    void clear_failed_rows(std::span<std::byte> rows, std::size_t first, const RangeSet& failed)
        const {
        const std::size_t n = row_bytes();
        for (std::size_t at = 0; at < rows.size() && !failed.empty(); at += n, ++first) {
            if (failed.contains(first)) {
                std::ranges::fill(rows.subspan(at, n), std::byte{0});
            }
        }
    }

    void clear_rows_without_value(const BatchEnd& end) {
        std::size_t next = 0;
        const auto clear_up_to = [&](std::size_t last) {
            for (; next < last; ++next) {
                clear({nullptr, next});
            }
        };
        for (const auto& [first, last] : end.here.ranges()) {
            clear_up_to(first);
            next = last;
        }
        clear_up_to(end.n_items);
    }

    Results* results_ = nullptr;
    std::size_t row_length_ = 1;
};

/// Results of exec: each made when its item has run.
template <class Results>
class ItemRoom {
public:
    using Element = typename ResultKind<Results>::Element;

    /// Room for one block, where the results go to a sink: their bytes.
    struct Block {
        std::vector<std::byte> bytes;
        std::vector<std::size_t> ends;
        std::vector<std::vector<std::byte>> encoded;  // where results differ in size
    };
    struct Place {
        Block* block;  // null: in memory for the batch
        std::size_t index;
    };

    void open(Results& results, std::size_t n_items, std::size_t /*row_length*/, bool to_sink) {
        results_ = &results;
        if constexpr (!std::is_void_v<Element>) {
            if (!to_sink) {
                results.slots().allocate(n_items);
            }
        }
    }

    void open_block(Block& block, std::size_t count) {
        if constexpr (is_fixed_size) {
            block.bytes.assign(count * row_bytes(), std::byte{0});
        } else {
            block.encoded.assign(count, {});
        }
    }

    [[nodiscard]] std::size_t row_length() const noexcept { return 0; }
    [[nodiscard]] std::size_t row_bytes() const noexcept {
        if constexpr (is_fixed_size) {
            return fixed_bytes<Element>();
        } else {
            return 0;
        }
    }

    /// Keeps what `make` returns. Returns whether it meets the predicate, where there is one.
    template <class Make>
    bool keep(const Place& place, const StopWhen* predicate, Make&& make) {
        if (place.block == nullptr) {
            Element* made =
                ::new (static_cast<void*>(results_->slots().data() + place.index)) Element(make());
            if (predicate == nullptr) {
                return false;
            }
            try {
                return (*predicate)(made);
            } catch (...) {  // the item has failed and leaves nothing
                std::destroy_at(made);
                throw;
            }
        }
        const Element made = make();
        const bool met = predicate != nullptr && (*predicate)(&made);
        if constexpr (BytesAreValue<Element>) {
            std::memcpy(
                place.block->bytes.data() + place.index * sizeof(Element), &made, sizeof(Element)
            );
        } else if constexpr (is_fixed_size) {
            const std::vector<std::byte> bytes = kaygraph::encode(made);
            std::memcpy(
                place.block->bytes.data() + place.index * bytes.size(), bytes.data(), bytes.size()
            );
        } else if constexpr (Encodable<Element>) {
            place.block->encoded[place.index] = kaygraph::encode(made);
        }
        return met;
    }

    /// A failed item has left nothing.
    void clear(const Place& /*place*/) {}

    BlockOutput output(
        Block& block,
        std::size_t /*first*/,
        std::size_t count,
        const RangeSet& /*failed*/
    ) {
        if constexpr (is_fixed_size) {
            return {.bytes = block.bytes, .row_bytes = row_bytes()};
        } else {
            block.bytes.clear();
            block.ends.clear();
            for (std::size_t i = 0; i < count; ++i) {
                const std::vector<std::byte>& bytes = block.encoded[i];
                block.bytes.insert(block.bytes.end(), bytes.begin(), bytes.end());
                block.ends.push_back(block.bytes.size());
            }
            return {.bytes = block.bytes, .ends = block.ends};
        }
    }

    /// Writes the values of items [first, last), which are in memory.
    void encode(Encoder& encoder, std::size_t first, std::size_t last) {
        if constexpr (BytesAreValue<Element>) {
            encoder.put_bytes(std::as_bytes(results_->slots().all().subspan(first, last - first)));
        } else if constexpr (Encodable<Element>) {
            for (std::size_t item = first; item < last; ++item) {
                encoder.put(results_->slots()[item]);
            }
        }
    }
    /// Makes the values of items [first, last), all or none.
    void decode(Decoder& decoder, std::size_t first, std::size_t last) {
        if constexpr (Encodable<Element>) {
            std::size_t item = first;
            try {
                for (; item < last; ++item) {
                    void* place = results_->slots().data() + item;
                    ::new (place) Element(decoder.take<Element>());
                }
            } catch (...) {
                results_->slots().destroy(first, item);
                throw;
            }
        }
    }

    void close(BatchEnd end, bool /*to_sink*/) { results_->set_end(std::move(end)); }

private:
    static constexpr bool is_fixed_size = Encodable<Element> && fixed_bytes<Element>() != 0;

    Results* results_ = nullptr;
};

}  // namespace kaygraph::detail

#pragma GCC visibility pop
