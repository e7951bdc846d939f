#pragma once

#include <kaygraph/graph/item_source.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

/// @file
/// Access to items by index, whatever prep returned: a range of any kind, or a source.

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

template <class P>
using Prepared = std::remove_reference_t<P>;

/// The prep result as it is iterated: as const where it can be.
template <class P>
using IteratedRange =
    std::conditional_t<std::ranges::range<const Prepared<P>>, const Prepared<P>, Prepared<P>>;

template <class P>
concept ItemRange = std::ranges::input_range<IteratedRange<P>>;

template <class P>
concept PreparedItems = ItemSource<std::remove_cvref_t<P>> || ItemRange<P>;

/// What the items of a block point into, where they point into anything.
struct NoStorage {};

template <class Source>
concept HasStorage = requires {
    typename Source::Storage;
};

template <class Source>
struct StorageOf : std::type_identity<NoStorage> {};
template <HasStorage Source>
struct StorageOf<Source> : std::type_identity<typename Source::Storage> {};

/// Items of a range that is read where it stands.
template <class P>
class RangeItems {
    using Range = IteratedRange<P>;
    using Iterator = std::ranges::iterator_t<Range>;
    using Reference = std::ranges::range_reference_t<Range>;
    static constexpr bool is_indexed =
        std::ranges::random_access_range<Range> && std::ranges::sized_range<Range>;
    static constexpr bool is_multipass = std::ranges::forward_range<Range>;
    /// Where items are not reached by an index: their places, or for a single pass themselves.
    using Place = std::conditional_t<is_multipass, Iterator, std::ranges::range_value_t<Range>>;

public:
    using Value = std::ranges::range_value_t<Range>;
    /// What an item phase is given.
    using Argument = std::conditional_t<
        std::is_lvalue_reference_v<Reference> || !is_multipass,
        const Value&,
        Reference>;
    using Storage = NoStorage;
    static constexpr bool is_source = false;
    static constexpr bool is_contiguous = std::ranges::contiguous_range<Range> && is_indexed;

    void open(Prepared<P>& prepared) {
        Range& range = prepared;
        if constexpr (is_indexed) {
            first_ = std::ranges::begin(range);
            size_ = static_cast<std::size_t>(std::ranges::size(range));
        } else {
            for (Iterator i = std::ranges::begin(range); i != std::ranges::end(range); ++i) {
                if constexpr (is_multipass) {
                    places_.push_back(i);
                } else {
                    places_.push_back(*i);
                }
            }
            size_ = places_.size();
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] Argument operator[](std::size_t i) const {
        if constexpr (is_indexed) {
            return (*first_)[static_cast<std::iter_difference_t<Iterator>>(i)];
        } else if constexpr (is_multipass) {
            return *places_[i];
        } else {
            return places_[i];
        }
    }

    [[nodiscard]] const Value* address(std::size_t i) const requires is_contiguous {
        return std::to_address(*first_) + i;
    }

private:
    std::optional<Iterator> first_;  // iterators need no default constructor
    std::vector<Place> places_;
    std::size_t size_ = 0;
};

/// Items of a source, which come by the block.
template <class P>
class SourceItems {
public:
    using Source = std::remove_cvref_t<P>;
    using Value = typename Source::Item;
    using Argument = const Value&;
    using Storage = typename StorageOf<Source>::type;
    static constexpr bool is_source = true;
    static constexpr bool is_contiguous = false;

    void open(Prepared<P>& prepared) {
        source_ = &prepared;
        size_ = static_cast<std::size_t>(prepared.size());
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    void read(
        std::size_t first,
        std::size_t count,
        std::vector<Value>& items,
        [[maybe_unused]] Storage& storage
    ) const {
        if constexpr (HasStorage<Source>) {
            source_->read(first, count, items, storage);
        } else {
            source_->read(first, count, items);
        }
    }

private:
    const Source* source_ = nullptr;
    std::size_t size_ = 0;
};

template <class P>
using Items = std::conditional_t<
    ItemSource<std::remove_cvref_t<P>>,
    std::type_identity<SourceItems<P>>,
    std::type_identity<RangeItems<P>>>;

template <class P>
using ItemsOf = typename Items<P>::type;

}  // namespace kaygraph::detail

#pragma GCC visibility pop
