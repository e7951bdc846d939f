#include "support/throws.hpp"

#include <kaygraph/data/lazy_cache.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace kaygraph {
namespace {

using test::expect_says;
using test::thrown;

constexpr std::size_t entry_bytes = 2 * sizeof(long);  // of a key and a value

/// A cache of doubled numbers with room for some.
LazyCache<long, long> doubles(std::size_t entries) {
    return LazyCache<long, long>{
        [](long key) { return 2 * key; }, {.max_bytes = entries * entry_bytes}};
}

/// Runs a function on threads that begin together.
template <class F>
void on_threads(int n, const F& body) {
    std::latch start{n};
    std::vector<std::jthread> threads;
    for (int i = 0; i < n; ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            body(i);
        });
    }
}

TEST(LazyCache, LoadsAValueOnce) {
    LazyCache<long, long> cache = doubles(10);
    EXPECT_EQ(*cache.get(7), 14);
    EXPECT_EQ(*cache.get(7), 14);
    const CacheFigures figures = cache.figures();
    EXPECT_EQ(figures.loads, 1U);
    EXPECT_EQ(figures.hits, 1U);
    EXPECT_EQ(figures.misses, 1U);
    EXPECT_EQ(figures.entries, 1U);
    EXPECT_EQ(figures.bytes, entry_bytes);
}

TEST(LazyCache, TheValueThatWasNotUsedLongestLeaves) {
    LazyCache<long, long> cache = doubles(3);
    for (const long key : {1L, 2L, 3L, 2L, 1L, 4L, 5L}) {  // 4 takes the place of 3, 5 that of 2
        static_cast<void>(cache.get(key));
    }
    EXPECT_EQ(cache.figures().evictions, 2U);
    EXPECT_EQ(cache.peek(3), nullptr);
    EXPECT_EQ(cache.peek(2), nullptr);
    for (const long key : {1L, 4L, 5L}) {
        EXPECT_NE(cache.peek(key), nullptr) << key;
    }
}

TEST(LazyCache, IsNeverLargerThanItsRoom) {
    LazyCache<long, std::string> cache{
        [](long key) { return std::string(static_cast<std::size_t>(key), 'x'); },
        {.max_bytes = 5000}};
    for (long key = 1; key < 2000; ++key) {
        EXPECT_EQ(cache.get(key)->size(), static_cast<std::size_t>(key));
        EXPECT_LE(cache.figures().bytes, 5000U);
    }
}

TEST(LazyCache, AValueLivesAsLongAsItIsHeld) {
    LazyCache<long, long> cache = doubles(1);
    const std::shared_ptr<const long> held = cache.get(1);
    static_cast<void>(cache.get(2));
    EXPECT_EQ(cache.peek(1), nullptr);
    EXPECT_EQ(*held, 2);
}

TEST(LazyCache, EachKeyIsLoadedOnceByManyThreads) {
    constexpr int n_threads = 24;
    constexpr long n_keys = 100;
    constexpr int n_requests = 10'000;
    std::vector<std::atomic<int>> loads(n_keys);
    LazyCache<long, long> cache{[&](long key) {
        ++loads[static_cast<std::size_t>(key)];
        std::this_thread::yield();
        return 3 * key;
    }};
    std::atomic<int> wrong = 0;
    on_threads(n_threads, [&](int thread) {
        for (long i = 0; i < n_requests; ++i) {
            const long key = (i * 7 + thread) % n_keys;
            wrong += *cache.get(key) == 3 * key ? 0 : 1;
        }
    });
    EXPECT_EQ(wrong, 0);
    for (const std::atomic<int>& n : loads) {
        EXPECT_EQ(n, 1);
    }
    const CacheFigures figures = cache.figures();
    EXPECT_EQ(figures.hits + figures.misses, static_cast<std::uint64_t>(n_threads * n_requests));
    EXPECT_EQ(figures.loads, static_cast<std::uint64_t>(n_keys));
}

TEST(LazyCache, GivesTheRightValuesWhileManyLeave) {
    LazyCache<std::string, std::string> cache{
        [](const std::string& key) { return key + key; }, {.max_bytes = 4000}};  // about 30 of 500
    std::atomic<int> wrong = 0;
    on_threads(8, [&](int thread) {
        std::uint64_t random = static_cast<std::uint64_t>(thread) + 1;
        for (int i = 0; i < 20'000; ++i) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            const std::string key = std::to_string((random >> 33U) % 500);
            const std::shared_ptr<const std::string> value = cache.get(key);
            wrong += *value == key + key ? 0 : 1;
        }
    });
    EXPECT_EQ(wrong, 0);
    const CacheFigures figures = cache.figures();
    EXPECT_EQ(figures.hits + figures.misses, 160'000U);
    EXPECT_EQ(figures.loads - figures.evictions, figures.entries);
    EXPECT_GT(figures.evictions, 1000U);
    EXPECT_LE(figures.bytes, 4000U);
}

TEST(LazyCache, ALoaderThatThrowsReachesAllWhoWait) {
    std::atomic<int> loads = 0;
    std::atomic<int> failures = 0;
    std::latch loading{1};
    LazyCache<long, long> cache{[&](long) -> long {
        ++loads;
        loading.wait();
        throw std::runtime_error{"no such model"};
    }};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                try {
                    static_cast<void>(cache.get(1));
                } catch (const std::runtime_error& error) {
                    failures += std::string{error.what()} == "no such model" ? 1 : 0;
                }
            });
        }
        while (cache.figures().misses < 8) {
            std::this_thread::yield();
        }
        loading.count_down();
    }
    EXPECT_EQ(failures, 8);
    EXPECT_EQ(loads, 1);
    EXPECT_EQ(cache.figures().failures, 1U);
    EXPECT_EQ(cache.figures().entries, 0U);
}

TEST(LazyCache, AfterAFailureTheNextRequestTriesAgain) {
    int calls = 0;
    LazyCache<long, long> cache{[&](long key) {
        if (++calls == 1) {
            throw std::runtime_error{"not yet"};
        }
        return key;
    }};
    thrown<std::runtime_error>([&] { static_cast<void>(cache.get(1)); });
    EXPECT_EQ(*cache.get(1), 1);
}

TEST(LazyCache, AValueLargerThanTheRoomIsRefused) {
    LazyCache<long, std::string> cache{
        [](long) { return std::string(1000, 'x'); }, {.max_bytes = 500}};
    expect_says(
        thrown<ArgumentError>([&] { static_cast<void>(cache.get(1)); }),
        "does not fit a cache of 500 bytes",
        "max_bytes"
    );
    EXPECT_EQ(cache.figures().entries, 0U);
    expect_says(thrown<ArgumentError>([] { doubles(0); }), "max_bytes 0");
}

TEST(LazyCache, ALoaderThatAsksForItsOwnKeyIsAnError) {
    LazyCache<long, long>* self = nullptr;
    LazyCache<long, long> cache{[&](long key) {
        return *self->get(key == 2 ? 1 : key);
    }};
    self = &cache;
    expect_says(thrown<ArgumentError>([&] { static_cast<void>(cache.get(1)); }), "wait for itself");
    expect_says(thrown<ArgumentError>([&] { static_cast<void>(cache.get(2)); }), "wait for itself");
}

TEST(LazyCache, ALoaderMayAskForOtherKeys) {
    LazyCache<long, long>* self = nullptr;
    LazyCache<long, long> cache{[&](long n) {
        return n < 2 ? n : *self->get(n - 1) + *self->get(n - 2);
    }};
    self = &cache;
    EXPECT_EQ(*cache.get(50), 12'586'269'025);
    EXPECT_EQ(cache.figures().loads, 51U);
}

TEST(LazyCache, ClearAndPutAreSeen) {
    LazyCache<long, long> cache = doubles(10);
    cache.put(1, 5);
    cache.put(1, 6);
    EXPECT_EQ(*cache.get(1), 5);
    cache.clear();
    EXPECT_EQ(*cache.get(1), 2);
    EXPECT_EQ(cache.figures().evictions, 0U);
}

}  // namespace
}  // namespace kaygraph
