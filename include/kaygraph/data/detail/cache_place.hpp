#pragma once

#include <kaygraph/base/export.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#pragma GCC visibility push(hidden)

namespace kaygraph::detail {

/// Throws ArgumentError for a cache without room.
KAYGRAPH_EXPORT void require_room(std::size_t max_bytes);
/// Throws ArgumentError for a value that is larger than all the room of its cache.
KAYGRAPH_EXPORT void require_fits_cache(std::size_t bytes, std::size_t max_bytes);
/// Throws ArgumentError if the calling thread is this one: it would wait for itself.
KAYGRAPH_EXPORT void require_other_thread(std::thread::id loading);

/// Returns a time that grows, as cheaply as it can be had: it orders uses and is never shown.
[[nodiscard]] inline std::uint64_t cheap_time() noexcept {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    std::uint64_t ticks = 0;
    asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// A place for one entry of a cache, which has other entries later. One word says whether its entry is alive, how many
/// readers hold it, and how often it was hit. Nobody takes hold of an entry that has left; who lets it go last empties
/// the place.
/// @par MPI Local.
/// @par Threads hold(), release(), hits(): any thread; the others: the holder of the table's lock.
template <class K, class V>
class alignas(64) CachePlace {
public:
    // Of the entry: they change only while nobody holds it.
    std::optional<K> key = {};
    std::shared_ptr<const V> value = {};
    std::size_t bytes = 0;
    std::atomic<std::size_t> hash = 0;
    std::atomic<CachePlace*> next = nullptr;

    /// Returns false where the entry has left.
    [[nodiscard]] bool hold() noexcept {
        std::uint64_t state = state_.load(std::memory_order_relaxed);
        while ((state & alive) != 0) {
            if (state_.compare_exchange_weak(
                    state, state + 1, std::memory_order_acquire, std::memory_order_relaxed
                )) {
                return true;
            }
        }
        return false;
    }
    /// Returns true where the entry has left and this was its last holder.
    [[nodiscard]] bool release(bool is_hit) noexcept {
        if (is_hit) {
            touch();
        }
        const std::uint64_t change = (is_hit ? one_hit : 0) - 1;
        const std::uint64_t before = state_.fetch_add(change, std::memory_order_acq_rel);
        return (before & (alive | holders)) == 1;
    }
    void touch() noexcept { last_used_.store(cheap_time(), std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t last_used() const noexcept {
        return last_used_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t hits() const noexcept {
        return (state_.load(std::memory_order_relaxed) & ~alive) / one_hit;
    }

    void occupy(
        const K& new_key,
        std::shared_ptr<const V> new_value,
        std::size_t new_hash,
        std::size_t new_bytes
    ) {
        key.emplace(new_key);
        value = std::move(new_value);
        bytes = new_bytes;
        hash.store(new_hash, std::memory_order_relaxed);
        touch();
        state_.store(alive, std::memory_order_release);
    }
    /// The entry leaves. Returns true where nobody holds it.
    [[nodiscard]] bool retire() noexcept {
        return (state_.fetch_and(~alive, std::memory_order_acq_rel) & holders) == 0;
    }
    /// Returns the hits of the entry that was here.
    std::uint64_t vacate() noexcept {
        return state_.exchange(0, std::memory_order_relaxed) / one_hit;
    }

private:
    static constexpr std::uint64_t one_hit = std::uint64_t{1} << 16U;
    static constexpr std::uint64_t holders = one_hit - 1;
    static constexpr std::uint64_t alive = std::uint64_t{1} << 63U;

    std::atomic<std::uint64_t> state_ = 0;
    std::atomic<std::uint64_t> last_used_ = 0;
};

}  // namespace kaygraph::detail

#pragma GCC visibility pop
