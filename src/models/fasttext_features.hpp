#pragma once

#include "models/fasttext_file.hpp"

#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Which rows of a fastText model a word or a line is made of.
/// Source: Dictionary::hash, computeSubwords, addWordNgrams, pushHash of fastText 0.9.

namespace kaygraph::models::detail {

/// The token that ends a line.
inline constexpr std::string_view end_of_line = "</s>";

/// The 32-bit FNV-1a hash over bytes that are taken with their sign.
[[nodiscard]] constexpr std::uint32_t fasttext_hash(std::string_view bytes) noexcept {
    std::uint32_t hash = 2'166'136'261U;
    for (const char c : bytes) {
        hash ^= static_cast<std::uint32_t>(static_cast<std::int8_t>(c));
        hash *= 16'777'619U;
    }
    return hash;
}

/// Appends the rows of a word: its own where the dictionary has it, then those of its character n-grams.
/// `bordered` is room for the word between its borders.
KAYGRAPH_EXPORT void append_word_rows(
    const FastTextFile& model,
    std::string_view word,
    std::string& bordered,
    std::vector<std::uint32_t>& rows
);

/// Appends the rows of the word n-grams of a line: `hashes` are those of its tokens.
KAYGRAPH_EXPORT void append_ngram_rows(
    const FastTextFile& model,
    std::span<const std::int32_t> hashes,
    std::vector<std::uint32_t>& rows
);

/// Adds a row of a quantised matrix to a vector.
void add_row(const QuantisedRows& matrix, std::uint32_t row, std::span<float> sum) noexcept;

/// Leaves in `sum` the sum of rows of the model, in their order.
void sum_rows(const FastTextFile& model, std::span<const std::uint32_t> rows, std::span<float> sum);

}  // namespace kaygraph::models::detail
