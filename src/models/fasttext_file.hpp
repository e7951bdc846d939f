#pragma once

#include "models/word_table.hpp"

#include <kaygraph/base/export.hpp>
#include <kaygraph/kernels/embedding_bag.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace kaygraph::models::detail {

/// Vectors cut into parts, each of them one of 256 centroids (product quantisation; Jégou et al., PAMI 2011).
struct ProductCode {
    std::int32_t dim = 0;
    std::int32_t n_parts = 0;
    std::int32_t part_dim = 0;
    std::int32_t last_part_dim = 0;
    std::vector<float> centroids = {};  ///< dim × 256

    /// Returns the numbers of a centroid of a part, part_dim of them, of the last part last_part_dim.
    [[nodiscard]] std::span<const float> centroid(std::size_t part, std::uint8_t code)
        const noexcept;
};

/// The rows of a quantised input matrix.
struct QuantisedRows {
    std::size_t rows = 0;
    ProductCode code = {};
    const std::byte* codes = nullptr;       ///< rows × n_parts
    ProductCode norm_code = {};             ///< of one part
    const std::byte* norm_codes = nullptr;  ///< rows; null: rows have no norm of their own
};

/// What a fastText model holds that sentence vectors need. Points into the bytes of the file.
struct FastTextFile {
    std::int32_t version = 0;
    std::size_t dim = 0;
    std::size_t word_ngrams = 1;  ///< longest
    std::size_t bucket = 0;
    std::int32_t minn = 0;
    std::int32_t maxn = 0;
    bool is_supervised = false;
    std::size_t n_words = 0;   ///< the first entries of the dictionary
    std::size_t n_labels = 0;  ///< the others
    WordTable dictionary = {};
    bool is_pruned = false;
    std::unordered_map<std::int32_t, std::int32_t> kept_buckets = {};  ///< where it is pruned
    bool is_quantised = false;
    kernels::RowTable rows = {};   ///< where it is not quantised
    QuantisedRows quantised = {};  ///< where it is

    [[nodiscard]] std::size_t n_rows() const noexcept {
        return is_quantised ? quantised.rows : rows.rows;
    }
};

/// Reads a model of fastText, .bin or .ftz; what the file holds tells which.
/// Source: the layout written by fastText 0.9 (saveModel, Dictionary::save, Matrix::save), versions 11 and 12.
/// @throws FormatError with file and offset.
KAYGRAPH_EXPORT FastTextFile
parse_fasttext(std::span<const std::byte> bytes, const std::string& path);

}  // namespace kaygraph::models::detail
