#include "models/word_row_cache.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace kaygraph::models::detail {
namespace {

/// Words of all lengths that a key is made of in its own way.
std::string word_of(std::size_t i) {
    return std::to_string(i) + std::string(i % 23, static_cast<char>('a' + i % 7));
}

float value_of(std::size_t i) {
    return static_cast<float>(i) + 0.5F;
}

TEST(WordRowCache, KeepsARowForEachWord) {
    WordRowCache cache{3, 60'000 * 12};
    for (std::size_t i = 0; i < 50'000; ++i) {
        const std::string word = word_of(i);
        const std::vector<float> row(3, value_of(i));
        EXPECT_EQ(cache.find(cache.prepare(word)), WordRowCache::not_here);
        EXPECT_EQ(cache.insert(word, row), i);
        EXPECT_EQ(cache.insert(word, row), i);  // again
    }
    const auto* rows = reinterpret_cast<const float*>(cache.table().data);
    for (std::size_t i = 0; i < 50'000; ++i) {
        const std::string word = word_of(i);
        const std::uint32_t row = cache.find(cache.prepare(word));
        ASSERT_EQ(row, i);
        EXPECT_EQ(rows[3 * row + 2], value_of(i));
    }
}

TEST(WordRowCache, TellsWordsApartThatDifferInOneByteOrInLength) {
    WordRowCache cache{1, 4000};
    const float one = 1;
    std::vector<std::string> words;
    for (std::size_t n = 0; n <= 30; ++n) {
        words.emplace_back(n, 'x');
        words.emplace_back(n, '\0');
        for (std::size_t at = 0; at < n; ++at) {
            words.emplace_back(n, 'x');
            words.back()[at] = 'y';
        }
    }
    words.erase(words.begin());  // the empty word was there twice
    for (std::uint32_t i = 0; i < words.size(); ++i) {
        EXPECT_EQ(cache.insert(words[i], {&one, 1}), i);
    }
    for (std::uint32_t i = 0; i < words.size(); ++i) {
        EXPECT_EQ(cache.find(cache.prepare(words[i])), i);
    }
}

TEST(WordRowCache, RemembersWordsWithoutARowAndIsBounded) {
    WordRowCache cache{2, 16};  // two rows
    const std::vector<float> row{1, 2};
    EXPECT_EQ(cache.insert("none", {}), WordRowCache::no_row);
    EXPECT_EQ(cache.find(cache.prepare("none")), WordRowCache::no_row);
    EXPECT_EQ(cache.insert("a", row), 0U);
    EXPECT_EQ(cache.insert("b", row), 1U);
    EXPECT_EQ(cache.insert("c", row), WordRowCache::not_here);
    EXPECT_EQ(cache.find(cache.prepare("c")), WordRowCache::not_here);
    EXPECT_EQ(cache.find(cache.prepare("b")), 1U);
    EXPECT_EQ(cache.insert(std::string(2000, 'x'), row), WordRowCache::not_here);
}

TEST(WordRowCache, ManyThreadsSeeWholeRows) {
    WordRowCache cache{5, 3000 * 20};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (std::size_t round = 0; round < 3 * 2000; ++round) {
                const std::size_t i = (round * 7 + static_cast<std::size_t>(t) * 501) % 2000;
                const std::string word = word_of(i);
                std::uint32_t row = cache.find(cache.prepare(word));
                if (row == WordRowCache::not_here) {
                    row = cache.insert(word, std::vector<float>(5, value_of(i)));
                }
                const auto* rows = reinterpret_cast<const float*>(cache.table().data);
                for (std::size_t c = 0; c < 5; ++c) {
                    ASSERT_EQ(rows[5 * row + c], value_of(i));
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace
}  // namespace kaygraph::models::detail
