#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/log.hpp>
#include <kaygraph/base/outcome.hpp>
#include <kaygraph/graph/detail/stored_value.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)

namespace kaygraph {

namespace detail {
struct StoreAccess;
}  // namespace detail

/// Bounds on what a store may hold, in bytes as `bytes_of` counts them.
struct StoreOptions {
    std::optional<std::size_t> soft_limit =
        {};  ///< passing it gives one warning with the largest keys
    std::optional<std::size_t> hard_limit = {};  ///< a write that would pass it is refused
    Log log = {};                                ///< where the warning goes
};

/// The shared map from key to value around which a graph's nodes work.
///
/// Values are typed: what was set as a T is read as a T. A copy of a store is cheap, whatever the
/// values' sizes: values are shared until one of the copies writes them, and a copy never sees later
/// writes of the original. References stay valid until their key is written or erased in this store,
/// or the store ends.
/// @par MPI Local. Every rank holds its own store.
/// @par Threads As a standard container: many readers, or one writer. Copies may go to other threads.
class KAYGRAPH_EXPORT Store {
public:
    Store() = default;
    explicit Store(StoreOptions options) : options_(std::move(options)) {}

    /// Writes a value. Its type is T, or where T is left out that of the value; string literals and
    /// string views are kept as std::string.
    /// @throws StoreError (store_full) where the hard limit would be passed; the store is unchanged.
    template <class T = void, class V>
    void set(std::string_view key, V&& value) {
        using Kept = std::conditional_t<std::is_void_v<T>, detail::StoredType<V>, T>;
        write(key, detail::make_value<Kept>(std::forward<V>(value)));
    }

    /// Returns the value of a key.
    /// @throws StoreError naming the key and the keys there are, or the wanted and the held type.
    template <class T>
    [[nodiscard]] const T& get(std::string_view key) const {
        if (const T* value = peek<T>(key)) {
            return *value;
        }
        miss(key, type_name<T>()).raise();
    }

    /// Returns the value of a key, or why there is none.
    template <class T>
    [[nodiscard]] Outcome<const T&> try_get(std::string_view key) const {
        if (const T* value = peek<T>(key)) {
            return *value;
        }
        return miss(key, type_name<T>());
    }

    /// Returns a copy of the value, or the fallback where the key is missing. A value of another type is
    /// an error, as in `get`.
    template <class T>
    [[nodiscard]] T get_or(std::string_view key, T fallback) const {
        return contains(key) ? get<T>(key) : std::move(fallback);
    }

    /// Changes a value: `change(T&)`. It happens in place; on a copy, where the value is shared with a
    /// copy of the store or the store has limits, so that a `change` that throws then leaves the store as
    /// it was.
    /// @throws StoreError as `get`; (store_full) as `set`; (wrong_type) where a copy is needed and the
    /// type has none.
    template <class T, class Change>
    void update(std::string_view key, Change&& change) {
        static_cast<void>(get<T>(key));  // names what is wrong
        if (detail::ValuePtr copy = copy_before_update(key)) {
            std::forward<Change>(change)(copy.template own<T>());
            write(key, std::move(copy));
        } else {
            std::forward<Change>(change)(find(key)->template own<T>());
        }
    }

    /// Appends to the list of a key, a std::deque<T>, and keeps its last `keep_last` elements.
    /// Cost: O(1); O(keep_last) where `update` copies.
    template <class T>
    void append_bounded(std::string_view key, T element, std::size_t keep_last) {
        if (!contains(key) && keep_last > 0) {
            std::deque<T> list;
            list.push_back(std::move(element));
            set(key, std::move(list));
            return;
        }
        if (!contains(key)) {
            set(key, std::deque<T>{});
        }
        update<std::deque<T>>(key, [&](std::deque<T>& list) {
            list.push_back(std::move(element));
            while (list.size() > keep_last) {
                list.pop_front();
            }
        });
    }

    /// Removes a key; returns whether it was there.
    bool erase(std::string_view key);

    [[nodiscard]] bool contains(std::string_view key) const;
    [[nodiscard]] std::size_t size() const noexcept;
    /// Returns the keys in ascending order.
    [[nodiscard]] std::vector<std::string> keys() const;

    /// Returns the bytes of all values. Cost: a pass over the values, O(1) for a store with a limit.
    [[nodiscard]] std::size_t bytes() const;

    struct KeySize {
        std::string key;
        std::size_t bytes;
    };
    /// Returns the n largest values, largest first. Cost: a pass over the values.
    [[nodiscard]] std::vector<KeySize> largest(std::size_t n) const;

private:
    friend struct detail::StoreAccess;

    template <class T>
    const T* peek(std::string_view key) const {
        static_assert(
            std::is_same_v<T, std::decay_t<T>>,
            "kaygraph: a store is asked for values: leave const and & out of the type"
        );
        const detail::ValuePtr* value = find(key);
        return value == nullptr ? nullptr : value->template peek<T>();
    }
    [[nodiscard]] const detail::ValuePtr* find(std::string_view key) const;
    [[nodiscard]] Failure miss(std::string_view key, std::string_view wanted) const;
    /// Returns a copy of a value that may not be changed in place, else null.
    [[nodiscard]] detail::ValuePtr copy_before_update(std::string_view key);
    void write(std::string_view key, detail::ValuePtr value);
    [[nodiscard]] bool is_limited() const noexcept {
        return options_.soft_limit.has_value() || options_.hard_limit.has_value();
    }
    [[nodiscard]] detail::ValueMap& own_values();
    void warn_above_soft_limit();

    detail::ValueMapPtr values_;
    StoreOptions options_;
    std::size_t bytes_ = 0;  // kept only where there is a limit
    bool warned_ = false;
};

}  // namespace kaygraph

#pragma GCC visibility pop
