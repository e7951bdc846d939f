#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// @file
/// Small models that tests write, by the layouts' own descriptions.

namespace kaygraph::test {

/// What a fastText model file is made of.
struct FastTextParts {
    std::int32_t magic = 793'712'314;
    std::int32_t version = 12;
    std::int32_t dim = 4;
    std::int32_t word_ngrams = 1;
    std::int32_t model = 2;  ///< 1 cbow, 2 skip-gram, 3 supervised
    std::int32_t bucket = 10;
    std::int32_t minn = 3;
    std::int32_t maxn = 5;
    std::vector<std::string> words = {"</s>", "hello", "world", "où"};
    std::vector<std::string> labels = {};
    std::int64_t pruned = -1;
};

/// Returns the bytes of a model whose element (i, j) is sin(i · dim + j).
std::string fasttext_bytes(const FastTextParts& parts);
/// Returns that element.
float fasttext_element(const FastTextParts& parts, std::size_t row, std::size_t col);

/// Returns n texts of words that these models know, and others.
std::vector<std::string> model_texts(std::size_t n, unsigned seed);

}  // namespace kaygraph::test
