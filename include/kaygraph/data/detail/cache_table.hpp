#pragma once

#include <kaygraph/base/byte_size.hpp>
#include <kaygraph/data/cache_figures.hpp>
#include <kaygraph/data/detail/cache_place.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

/// The entries of a cache: a hash table that is read without a lock and written under one.
///
/// Places of entries and arrays of chains are kept until the table ends, so that a reader never touches memory that is
/// gone: it takes hold of a place, then looks whether the key there is still the one it wants (`cache_place.hpp`). A
/// reader whom a writer leads astray misses, and looks again under the lock.
/// @par MPI Local.
/// @par Threads Any thread.
template <class K, class V, class Hash, class Equal>
class CacheTable {
    using Place = CachePlace<K, V>;
    using Value = std::shared_ptr<const V>;

public:
    explicit CacheTable(std::size_t max_bytes) : max_bytes_(max_bytes) {
        require_room(max_bytes);
        chains_.store(&make_chains(16));
    }

    /// Returns the value of a key; null where it is not there, and rarely where it is.
    [[nodiscard]] Value find(const K& key) {
        const std::size_t hash = mixed(key);
        Place* place =
            chains_.load(std::memory_order_acquire)->head(hash).load(std::memory_order_acquire);
        for (int steps = 0; place != nullptr && steps < max_steps; ++steps) {
            if (place->hash.load(std::memory_order_relaxed) == hash && place->hold()) {
                const bool is_hit = Equal{}(*place->key, key);
                Value value = is_hit ? place->value : nullptr;
                if (place->release(is_hit)) {
                    give_back(*place);
                }
                if (is_hit) {
                    return value;
                }
            }
            place = place->next.load(std::memory_order_acquire);
        }
        return nullptr;
    }

    /// Returns the value of a key that was not found: made by `make`, by one thread at a time.
    template <class Make>
    [[nodiscard]] Value load(const K& key, const Make& make) {
        const auto own = std::make_shared<Load>();
        std::unique_lock lock{mutex_};
        if (Place* place = locate(key, mixed(key))) {
            ++hits_;
            place->touch();
            return place->value;
        }
        ++misses_;
        const std::shared_ptr<Load> load = loads_.try_emplace(key, own).first->second;
        if (load != own) {
            return waited_for(*load, lock);
        }
        lock.unlock();
        try {
            load->value = make();
            load->bytes = bytes_of_entry(key, *load->value);
            require_fits(load->bytes);
        } catch (...) {
            load->error = std::current_exception();
        }
        finish(key, *load);
        return load->result();
    }

    /// Keeps a value; one that is there stays.
    void keep(const K& key, Value value) {
        const std::size_t bytes = bytes_of_entry(key, *value);
        require_fits(bytes);
        Garbage garbage;
        const std::lock_guard lock{mutex_};
        insert(key, std::move(value), bytes, garbage);
    }

    void clear() {
        Garbage garbage;
        const std::lock_guard lock{mutex_};
        while (!by_use_.empty()) {
            remove_first(garbage);
        }
    }

    [[nodiscard]] CacheFigures figures() const {
        const std::lock_guard lock{mutex_};
        CacheFigures figures{
            .hits = hits_,
            .misses = misses_,
            .loads = n_loads_,
            .failures = failures_,
            .evictions = evictions_,
            .entries = by_use_.size(),
            .bytes = bytes_,
            .max_bytes = max_bytes_,
        };
        for (const Place& place : places_) {
            figures.hits += place.hits();
        }
        return figures;
    }

private:
    static constexpr int max_steps = 32;  // a reader may be led along other chains than its own

    struct Chains {
        std::unique_ptr<std::atomic<Place*>[]> heads;
        std::size_t mask;

        [[nodiscard]] std::atomic<Place*>& head(std::size_t hash) const noexcept {
            return heads[hash & mask];
        }
    };

    /// A value on its way.
    struct Load {
        std::thread::id owner = std::this_thread::get_id();
        std::condition_variable ended = {};
        bool has_ended = false;
        Value value = {};
        std::size_t bytes = 0;
        std::exception_ptr error = {};

        [[nodiscard]] Value result() const {
            if (error) {
                std::rethrow_exception(error);
            }
            return value;
        }
    };

    /// What left, until the lock is released: user code destroys it.
    using Garbage = std::vector<std::pair<std::optional<K>, Value>>;

    /// A place in the order of use: `time` is when it was used, or some time before.
    struct Use {
        std::uint64_t time;
        Place* place;
        friend bool operator<(const Use& a, const Use& b) {
            return a.time > b.time;
        }  // the heap's top is the oldest
    };

    [[nodiscard]] static std::size_t mixed(const K& key) {
        const std::uint64_t product = static_cast<std::uint64_t>(Hash{}(key)) * 0x9E3779B97F4A7C15U;
        return static_cast<std::size_t>(product ^ product >> 32U);
    }

    [[nodiscard]] static std::size_t bytes_of_entry(const K& key, const V& value) {
        return bytes_of(key) + bytes_of(value);
    }

    void require_fits(std::size_t bytes) const { require_fits_cache(bytes, max_bytes_); }

    [[nodiscard]] Value waited_for(Load& load, std::unique_lock<std::mutex>& lock) {
        require_other_thread(load.owner);
        load.ended.wait(lock, [&] { return load.has_ended; });
        lock.unlock();
        return load.result();
    }

    void finish(const K& key, Load& load) {
        Garbage garbage;
        const std::lock_guard lock{mutex_};
        ++(load.error ? failures_ : n_loads_);
        loads_.erase(key);
        load.has_ended = true;
        load.ended.notify_all();
        if (!load.error) {
            insert(key, load.value, load.bytes, garbage);
        }
    }

    [[nodiscard]] Place* locate(const K& key, std::size_t hash) const {
        Place* place = chains_.load()->head(hash).load();
        while (place != nullptr && !(place->hash == hash && Equal{}(*place->key, key))) {
            place = place->next.load();
        }
        return place;
    }

    void insert(const K& key, Value value, std::size_t bytes, Garbage& garbage) {
        const std::size_t hash = mixed(key);
        if (locate(key, hash) != nullptr) {
            return;
        }
        while (bytes > max_bytes_ - bytes_) {
            remove_oldest(garbage);
        }
        grow();
        by_use_.reserve(places_.size() + 1);
        garbage.reserve(garbage.size() + 1);
        Place& place = free_place();
        place.occupy(key, std::move(value), hash, bytes);
        std::atomic<Place*>& head = chains_.load()->head(hash);
        place.next.store(head.load(), std::memory_order_release);
        head.store(&place, std::memory_order_release);
        bytes_ += bytes;
        rank(place);
    }

    void rank(Place& place) {
        by_use_.push_back({place.last_used(), &place});
        std::push_heap(by_use_.begin(), by_use_.end());
    }

    /// Removes the entry that was not used longest. Times in the order are late: an entry that was used since then is put
    /// back with its own.
    void remove_oldest(Garbage& garbage) {
        while (by_use_.front().place->last_used() != by_use_.front().time) {
            Place& place = *by_use_.front().place;
            std::pop_heap(by_use_.begin(), by_use_.end());
            by_use_.pop_back();
            rank(place);
        }
        remove_first(garbage);
        ++evictions_;
    }

    void remove_first(Garbage& garbage) {
        Place& place = *by_use_.front().place;
        std::atomic<Place*>* link = &chains_.load()->head(place.hash);
        while (link->load() != &place) {
            link = &link->load()->next;
        }
        garbage.reserve(garbage.size() + 1);
        link->store(place.next.load(), std::memory_order_release);
        std::pop_heap(by_use_.begin(), by_use_.end());
        by_use_.pop_back();
        bytes_ -= place.bytes;
        if (place.retire()) {
            vacate(place, garbage);
        }
    }

    /// The last reader of a place whose entry has left.
    void give_back(Place& place) {
        Garbage garbage;
        const std::lock_guard lock{mutex_};
        vacate(place, garbage);
    }

    void vacate(Place& place, Garbage& garbage) {
        garbage.emplace_back(std::move(place.key), std::move(place.value));
        hits_ += place.vacate();
        free_.push_back(&place);
    }

    [[nodiscard]] Place& free_place() {
        if (free_.empty()) {
            free_.reserve(places_.size() + 1);
            return places_.emplace_back();
        }
        Place& place = *free_.back();
        free_.pop_back();
        return place;
    }

    [[nodiscard]] Chains& make_chains(std::size_t n) {
        return all_chains_.emplace_back(Chains{std::make_unique<std::atomic<Place*>[]>(n), n - 1});
    }

    /// Keeps chains short. The old ones stay for their readers: all together are no more than the new ones.
    void grow() {
        const Chains& old = *chains_.load();
        if (by_use_.size() <= old.mask) {
            return;
        }
        Chains& chains = make_chains((old.mask + 1) * 2);
        for (const Use& use : by_use_) {
            std::atomic<Place*>& head = chains.head(use.place->hash);
            use.place->next.store(head.load(), std::memory_order_release);
            head.store(use.place, std::memory_order_release);
        }
        chains_.store(&chains, std::memory_order_release);
    }

    const std::size_t max_bytes_;
    std::atomic<Chains*> chains_ = nullptr;  // the last of all_chains_
    mutable std::mutex mutex_;               // for all that follows
    std::deque<Chains> all_chains_;
    std::deque<Place> places_;
    std::vector<Place*> free_;
    std::vector<Use> by_use_;  // a heap
    std::unordered_map<K, std::shared_ptr<Load>, Hash, Equal> loads_;
    std::size_t bytes_ = 0;
    std::uint64_t hits_ = 0;  // of places that were given back, and under the lock
    std::uint64_t misses_ = 0;
    std::uint64_t n_loads_ = 0;
    std::uint64_t failures_ = 0;
    std::uint64_t evictions_ = 0;
};

}  // namespace kaygraph::detail

#pragma GCC visibility pop
