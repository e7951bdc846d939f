#pragma once

#include <kaygraph/base/byte_size.hpp>
#include <kaygraph/base/function_ref.hpp>
#include <kaygraph/data/cache_figures.hpp>
#include <kaygraph/data/detail/cache_table.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

/// @file
/// Values that are loaded when they are first asked for, and kept as long as there is room.

#pragma GCC visibility push(hidden)

namespace kaygraph {

struct LazyCacheOptions {
    /// The most that keys and values may occupy together, as `bytes_of` counts them. What is in use elsewhere
    /// when it leaves the cache is no longer counted.
    std::size_t max_bytes = std::size_t{64} << 20U;
};

/// A bounded map from keys to values that a function makes. Where there is no room the value that was
/// not asked for longest leaves.
///
///     kg::LazyCache<std::string, Model> models{load_model, {.max_bytes = 4UL << 30U}};
///     std::shared_ptr<const Model> model = models.get("small");
///
/// A value is loaded by one thread, however many ask for its key at the time: the others wait. A loader
/// that throws reaches all of them, and nothing is kept: who asks later tries again.
/// A value that is there costs no lock; the table is open to readers while others write.
/// @par MPI Local: each rank has its own.
/// @par Threads Any thread. A loader may ask the cache for other keys as long as no two ask for each other's.
template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class LazyCache {
public:
    using Loader = std::function<V(const K&)>;

    /// @throws ArgumentError for no room at all.
    explicit LazyCache(Loader loader, LazyCacheOptions options = {})
        : loader_(std::move(loader)), table_(options.max_bytes) {}

    /// Returns the value of a key, loaded where it is not there. It stays valid as long as it is held.
    /// @throws what the loader throws; ArgumentError for a value that is larger than the whole room, or a
    /// loader that asks for the key that it loads.
    [[nodiscard]] std::shared_ptr<const V> get(const K& key) { return get(key, loader_); }

    /// The same with another loader for this time: `load(key)` returns a V.
    template <class Load>
    [[nodiscard]] std::shared_ptr<const V> get(const K& key, const Load& load) {
        if (std::shared_ptr<const V> value = table_.find(key)) {
            return value;
        }
        return table_.load(key, [&] { return std::make_shared<const V>(load(key)); });
    }

    /// Returns the value where it is there, else nothing. Counts as a hit, or as nothing.
    [[nodiscard]] std::shared_ptr<const V> peek(const K& key) { return table_.find(key); }

    /// Keeps a value that was made elsewhere; where the key has one already that one stays.
    /// @throws ArgumentError for one that is larger than the whole room.
    void put(const K& key, V value) {
        table_.keep(key, std::make_shared<const V>(std::move(value)));
    }

    /// Removes all values; loads that are on their way are kept when they end.
    void clear() { table_.clear(); }

    [[nodiscard]] CacheFigures figures() const { return table_.figures(); }

private:
    Loader loader_;
    detail::CacheTable<K, V, Hash, Equal> table_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
