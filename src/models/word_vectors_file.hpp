#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kaygraph::models::detail {

/// How a file of word vectors is written.
enum class WordVectorsKind : std::uint8_t {
    text_with_head,  ///< "n d", then lines: word2vec's text, fastText's .vec
    text,            ///< lines alone: GloVe
    binary,          ///< "n d", then words and float32: word2vec's binary
};

/// The words and vectors of a file. Words point into its bytes; a word may stand there twice.
struct WordVectorsFile {
    WordVectorsKind kind = WordVectorsKind::text;
    std::size_t dim = 0;
    std::vector<std::string_view> words = {};
    std::vector<float> rows = {};  ///< words × dim
};

/// Reads a file of word vectors; what it holds tells which kind it is. A byte order mark at its start is passed over. A
/// first line of exactly two whole numbers is a head, unless the lines after it are words with one number each. Of a
/// line the last `dim` fields are the vector and what is before them is the word, which may hold spaces; without a head,
/// dim is the number of fields but one of most of the first lines.
/// Source: word2vec.c and FastText::saveVectors for the layouts with a head, GloVe's README for the one without.
/// @throws FormatError with file and offset, of lines also with their number and the field that is no number; for words
/// of a binary that are no text.
/// Lines are parsed by `n_threads` threads.
KAYGRAPH_EXPORT WordVectorsFile parse_word_vectors(
    std::span<const std::byte> bytes,
    const std::string& path,
    std::size_t n_threads
);

}  // namespace kaygraph::models::detail
