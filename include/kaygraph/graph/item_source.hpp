#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <vector>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Items that are made a block at a time, so that a batch may be larger than memory: what the prep of a
/// batch node returns instead of a range. A source is a plain class:
///
///     struct Lines {
///         using Item = std::string;
///         std::size_t size() const;                                    // how many items there are
///         void read(std::size_t first, std::size_t count, std::vector<Item>& items) const;
///     };
///
/// `read` leaves the items [first, first + count) in `items`, which holds what an earlier call left
/// there, for reuse. Memory then holds as many blocks as workers, whatever the size.
///
/// Items that are views need memory to point into. A source that has a type `Storage`, which can be made
/// without arguments, is given one a block, `read(first, count, items, storage)`: it lives as long as the
/// block's items do, and is used again afterwards.
/// @par MPI Local.
/// @par Threads `read` is called by many workers at once, each with items and a storage of its own.
template <class S>
concept ItemSource = requires(const S& source) {
    typename S::Item;
    { source.size() } -> std::convertible_to<std::size_t>;
}
&&(
    requires(const S& source, std::size_t n, std::vector<typename S::Item>& items) {
        source.read(n, n, items);
    }
    || requires(
        const S& source,
        std::size_t n,
        std::vector<typename S::Item>& items,
        typename S::Storage& storage
    ) { source.read(n, n, items, storage); }
);

/// The numbers 0 … n − 1 as items, for a node that finds its data by index.
/// @par MPI Local.
/// @par Threads A value.
class Indices {
public:
    class Iterator {
    public:
        using value_type = std::size_t;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::random_access_iterator_tag;

        Iterator() = default;
        explicit Iterator(std::size_t index) noexcept : index_(index) {}

        std::size_t operator*() const noexcept { return index_; }
        std::size_t operator[](difference_type n) const noexcept { return *(*this + n); }
        Iterator& operator+=(difference_type n) noexcept {
            index_ += static_cast<std::size_t>(n);
            return *this;
        }
        Iterator& operator-=(difference_type n) noexcept { return *this += -n; }
        Iterator& operator++() noexcept { return *this += 1; }
        Iterator& operator--() noexcept { return *this -= 1; }
        Iterator operator++(int) noexcept { return *this += 1, *this - 1; }
        Iterator operator--(int) noexcept { return *this -= 1, *this + 1; }
        friend Iterator operator+(Iterator i, difference_type n) noexcept { return i += n; }
        friend Iterator operator+(difference_type n, Iterator i) noexcept { return i += n; }
        friend Iterator operator-(Iterator i, difference_type n) noexcept { return i -= n; }
        friend difference_type operator-(Iterator a, Iterator b) noexcept {
            return static_cast<difference_type>(a.index_ - b.index_);
        }
        friend auto operator<=>(Iterator, Iterator) = default;

    private:
        std::size_t index_ = 0;
    };

    explicit Indices(std::size_t n) noexcept : n_(n) {}
    [[nodiscard]] Iterator begin() const noexcept { return Iterator{0}; }
    [[nodiscard]] Iterator end() const noexcept { return Iterator{n_}; }
    [[nodiscard]] std::size_t size() const noexcept { return n_; }

private:
    std::size_t n_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
