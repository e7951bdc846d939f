#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/matrix_view.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/base/range_set.hpp>
#include <kaygraph/graph/detail/slots.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// @file
/// What a batch leaves to its post: for each item a value, an error, or neither because the batch ended
/// before. In input order, whoever ran what.
/// @par MPI Local.
/// @par Threads Values; any thread may read them.

#pragma GCC visibility push(hidden)

namespace kaygraph {

enum class ItemStatus : std::uint8_t { value, error, not_run };

/// How a batch ended.
struct BatchEnd {
    std::size_t n_items = 0;
    RangeSet ran = {};                          ///< items that ran, failed ones included
    RangeSet failed = {};                       ///< items that failed for good
    std::vector<Failure> failures = {};         ///< by item, those of the lowest items
    std::optional<std::size_t> stop_item = {};  ///< the item whose result met stop_when
    bool is_over_budget =
        false;           ///< more items failed than max_errors allows, and on_budget is stop
    RangeSet here = {};  ///< items whose values this rank holds; of those that ran and did not fail
    bool is_in_sink = false;    ///< values went to a sink
    std::size_t n_resumed = 0;  ///< items of blocks that the ledger knew as done

    static auto codec(auto& self) {
        return std::tie(
            self.n_items,
            self.ran,
            self.failed,
            self.failures,
            self.stop_item,
            self.is_over_budget,
            self.here,
            self.is_in_sink,
            self.n_resumed
        );
    }
};

/// Which items have a value, which failed and why.
class KAYGRAPH_EXPORT BatchStatus {
public:
    [[nodiscard]] std::size_t n_items() const noexcept { return end_.n_items; }
    [[nodiscard]] std::size_t n_values() const noexcept {
        return end_.ran.size() - end_.failed.size();
    }
    [[nodiscard]] std::size_t n_failed() const noexcept { return end_.failed.size(); }
    [[nodiscard]] std::size_t n_not_run() const noexcept { return n_items() - end_.ran.size(); }
    /// Items that were done by an earlier run; they count as values.
    [[nodiscard]] std::size_t n_resumed() const noexcept { return end_.n_resumed; }
    [[nodiscard]] bool all_values() const noexcept { return n_values() == n_items(); }

    /// Values that this rank holds: all, but for Gather::root and none on several ranks; with a sink those
    /// that it wrote.
    [[nodiscard]] std::size_t n_here() const noexcept { return end_.here.size(); }

    [[nodiscard]] ItemStatus status(std::size_t item) const;

    /// Of how many failed items, the lowest ones, the reasons are kept, as long as their texts are together no longer
    /// than 32 MiB; with a sink memory must not grow with the batch. Which items failed is known of all.
    static constexpr std::size_t most_failures_kept = 10'000;
    static constexpr std::size_t most_failures_kept_with_sink = 1'000;

    /// Returns why items failed, by item; see most_failures_kept.
    [[nodiscard]] std::span<const Failure> failures() const noexcept { return end_.failures; }
    /// Returns why one item failed; null where it did not, or the reason was not kept.
    [[nodiscard]] const Failure* failure(std::size_t item) const;

    /// Returns the item whose result met stop_when, where the batch ended so.
    [[nodiscard]] std::optional<std::size_t> stop_item() const noexcept { return end_.stop_item; }

    /// Returns whether more items failed than max_errors allows, where the batch ended so (OnBudget::stop).
    [[nodiscard]] bool is_over_budget() const noexcept { return end_.is_over_budget; }

    /// The engine sets how the batch ended, and sends it to other ranks.
    void set_end(BatchEnd end) noexcept { end_ = std::move(end); }
    [[nodiscard]] const BatchEnd& end() const noexcept { return end_; }

protected:
    /// Calls `use(first, last)` for each longest run of items whose values are here, in order.
    template <class Use>
    void for_each_value_range(Use&& use) const {
        for (const auto& [first, last] : end_.here.ranges()) {
            use(first, last);
        }
    }
    [[nodiscard]] bool is_here(std::size_t item) const { return end_.here.contains(item); }
    /// What is left of the failure of an item whose reason was not kept.
    [[nodiscard]] static Failure unkept_failure(std::size_t item);
    [[noreturn]] void raise_missing(std::size_t item) const;
    [[noreturn]] void raise_incomplete() const;

private:
    BatchEnd end_;
};

/// The results of a batch, one R per item. Where the node has a sink they went there, and only the
/// status is here.
template <class R>
class BatchResult : public BatchStatus {
public:
    BatchResult() = default;
    BatchResult(BatchResult&&) noexcept = default;
    BatchResult& operator=(BatchResult&& other) noexcept {
        destroy();
        BatchStatus::operator=(std::move(other));
        slots_ = std::move(other.slots_);
        return *this;
    }
    BatchResult(const BatchResult&) = delete;
    BatchResult& operator=(const BatchResult&) = delete;
    ~BatchResult() { destroy(); }

    /// Returns the value of an item. @throws its failure, or NodeError where it did not run.
    [[nodiscard]] const R& operator[](std::size_t item) const {
        if (slots_.empty() || !is_here(item)) {
            raise_missing(item);
        }
        return slots_[item];
    }

    /// Returns an item's value or its failure.
    [[nodiscard]] Outcome<const R&> outcome(std::size_t item) const {
        if (const Failure* why = failure(item)) {
            return *why;
        }
        if (status(item) == ItemStatus::error) {
            return unkept_failure(item);
        }
        return (*this)[item];
    }

    /// Returns all values, in item order. @throws the first failure, where there is one; NodeError where
    /// values are missing or on other ranks.
    [[nodiscard]] std::span<const R> values() const {
        if (n_here() != n_items() || (slots_.empty() && n_items() != 0)) {
            raise_incomplete();
        }
        return slots_.all();
    }

    /// Moves the values that are here out, in item order.
    [[nodiscard]] std::vector<R> take_values() && {
        std::vector<R> values;
        if (!slots_.empty()) {
            values.reserve(n_here());
            for_each_value_range([&](std::size_t first, std::size_t last) {
                for (std::size_t item = first; item < last; ++item) {
                    values.push_back(std::move(slots_[item]));
                }
            });
        }
        return values;
    }

    /// Calls `use(item, value)` for each value that is here, in item order.
    template <class Use>
    void for_each(Use&& use) const {
        if (slots_.empty()) {
            return;
        }
        for_each_value_range([&](std::size_t first, std::size_t last) {
            for (std::size_t item = first; item < last; ++item) {
                use(item, slots_[item]);
            }
        });
    }

    [[nodiscard]] std::size_t byte_size() const {
        return sizeof(*this) + (slots_.empty() ? 0 : n_items() * sizeof(R));
    }

    /// The engine's storage.
    [[nodiscard]] detail::Slots<R>& slots() noexcept { return slots_; }

private:
    void destroy() noexcept {
        if constexpr (!std::is_trivially_destructible_v<R>) {
            if (slots_.empty() || slots_.destroys_itself()) {
                return;
            }
            for_each_value_range([&](std::size_t first, std::size_t last) {
                slots_.destroy(first, last);
            });
        }
    }

    detail::Slots<R> slots_;
};

/// A batch whose exec returns nothing.
template <>
class BatchResult<void> : public BatchStatus {};

/// The results of a batch, one row of a matrix per item: rows of failed items, and of those that did not
/// run, are zero. Where the node has a sink the rows went there, and the matrix is empty.
template <class T>
class BatchRows : public BatchStatus {
public:
    /// Shapes: n_items × row length, contiguous.
    [[nodiscard]] MatrixView<const T> matrix() const noexcept {
        return {data_.get(), rows_, row_length_};
    }
    [[nodiscard]] std::span<const T> row(std::size_t item) const { return matrix().row(item); }

    /// Moves the matrix out, row-major.
    [[nodiscard]] std::unique_ptr<T[]> take_data() && {
        rows_ = 0;
        return std::move(data_);
    }

    [[nodiscard]] std::size_t byte_size() const noexcept {
        return sizeof(*this) + rows_ * row_length_ * sizeof(T);
    }

    /// The engine allocates; elements are not initialised.
    void allocate(std::size_t rows, std::size_t row_length) {
        data_ = std::make_unique_for_overwrite<T[]>(detail::checked_product(rows, row_length));
        rows_ = rows;
        row_length_ = row_length;
    }
    [[nodiscard]] MatrixView<T> writable() noexcept { return {data_.get(), rows_, row_length_}; }

private:
    std::unique_ptr<T[]> data_;
    std::size_t rows_ = 0;
    std::size_t row_length_ = 0;
};

}  // namespace kaygraph

#pragma GCC visibility pop
