#include "models/word_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kaygraph::models::detail {
namespace {

TEST(WordTable, NumbersWordsInTheirOrder) {
    WordTable table;
    EXPECT_EQ(table.find("a"), WordTable::none);
    std::vector<std::string> words;
    for (int i = 0; i < 20'000; ++i) {
        words.push_back("word " + std::to_string(i * 31));
    }
    for (std::uint32_t i = 0; i < words.size(); ++i) {
        EXPECT_EQ(table.insert(words[i]), (std::pair{i, true}));
    }
    EXPECT_EQ(table.insert(words[5]), (std::pair{5U, false}));
    EXPECT_EQ(table.size(), words.size());
    for (std::uint32_t i = 0; i < words.size(); ++i) {
        EXPECT_EQ(table.find(words[i]), i);
        EXPECT_EQ(table[i], words[i]);
    }
    EXPECT_EQ(table.find("another"), WordTable::none);
}

}  // namespace
}  // namespace kaygraph::models::detail
