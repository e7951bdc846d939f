#include "models/fasttext_features.hpp"

#include <algorithm>

namespace kaygraph::models::detail {
namespace {

/// Appends the row of a bucket, where a pruned model has kept one.
void append_bucket(
    const FastTextFile& model,
    std::uint64_t bucket,
    std::vector<std::uint32_t>& rows
) {
    if (model.is_pruned) {
        const auto kept = model.kept_buckets.find(static_cast<std::int32_t>(bucket));
        if (kept == model.kept_buckets.end()) {
            return;
        }
        bucket = static_cast<std::uint64_t>(kept->second);
    }
    rows.push_back(static_cast<std::uint32_t>(model.n_words + bucket));
}

bool continues(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Appends the rows of the character n-grams of "<word>". One character that is a border makes none.
void append_subwords(
    const FastTextFile& model,
    std::string_view bordered,
    std::vector<std::uint32_t>& rows
) {
    for (std::size_t first = 0; first < bordered.size(); ++first) {
        if (continues(bordered[first])) {
            continue;
        }
        std::uint32_t hash = 2'166'136'261U;
        std::size_t at = first;
        for (std::int32_t n = 1; at < bordered.size() && n <= model.maxn; ++n) {
            do {
                hash ^= static_cast<std::uint32_t>(static_cast<std::int8_t>(bordered[at++]));
                hash *= 16'777'619U;
            } while (at < bordered.size() && continues(bordered[at]));
            const bool is_border = n == 1 && (first == 0 || at == bordered.size());
            if (n >= model.minn && !is_border) {
                append_bucket(model, hash % static_cast<std::uint32_t>(model.bucket), rows);
            }
        }
    }
}

}  // namespace

void append_word_rows(
    const FastTextFile& model,
    std::string_view word,
    std::string& bordered,
    std::vector<std::uint32_t>& rows
) {
    const std::uint32_t id = model.dictionary.find(word);
    // a label may have a number behind the last row
    if (id != WordTable::none && id < model.n_rows()) {
        rows.push_back(id);
    }
    if (word == end_of_line || model.maxn <= 0) {
        return;
    }
    bordered.assign(1, '<');
    bordered += word;
    bordered += '>';
    append_subwords(model, bordered, rows);
}

void append_ngram_rows(
    const FastTextFile& model,
    std::span<const std::int32_t> hashes,
    std::vector<std::uint32_t>& rows
) {
    constexpr std::uint64_t factor = 116'049'371;
    const auto widened = [](std::int32_t hash) {
        return static_cast<std::uint64_t>(static_cast<std::int64_t>(hash));
    };
    for (std::size_t first = 0; first < hashes.size(); ++first) {
        std::uint64_t hash = widened(hashes[first]);
        for (std::size_t n = 1; n < model.word_ngrams && first + n < hashes.size(); ++n) {
            hash = hash * factor + widened(hashes[first + n]);
            append_bucket(model, hash % model.bucket, rows);
        }
    }
}

void add_row(const QuantisedRows& matrix, std::uint32_t row, std::span<float> sum) noexcept {
    float norm = 1;
    if (matrix.norm_codes != nullptr) {
        const auto code = std::to_integer<std::uint8_t>(matrix.norm_codes[row]);
        norm = matrix.norm_code.centroid(0, code)[0];
    }
    const auto n_parts = static_cast<std::size_t>(matrix.code.n_parts);
    const std::byte* codes = matrix.codes + row * n_parts;
    std::size_t at = 0;
    for (std::size_t part = 0; part < n_parts; ++part) {
        const auto code = std::to_integer<std::uint8_t>(codes[part]);
        for (const float value : matrix.code.centroid(part, code)) {
            sum[at++] += norm * value;
        }
    }
}

void sum_rows(
    const FastTextFile& model,
    std::span<const std::uint32_t> rows,
    std::span<float> sum
) {
    if (!model.is_quantised) {
        const std::size_t end = rows.size();
        return kernels::embedding_bag(
            model.rows, rows, {&end, 1}, kernels::Bag::sum, {}, {sum.data(), 1, sum.size()}
        );
    }
    std::fill(sum.begin(), sum.end(), 0.0F);
    for (const std::uint32_t row : rows) {
        add_row(model.quantised, row, sum);
    }
}

}  // namespace kaygraph::models::detail
