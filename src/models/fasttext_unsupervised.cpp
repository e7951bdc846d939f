// Skip-gram and cbow: the mean of the vectors of the words, each divided by its norm. A word's vector depends on
// the word alone: it is made once, and a token is then one look-up and one row.
#include "models/fasttext.hpp"
#include "models/fasttext_features.hpp"
#include "models/word_row_cache.hpp"

#include <kaygraph/kernels/scan.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace kaygraph::models::detail {
namespace {

/// The norm as the official program has it: one float32 sum of squares, in order.
float norm_of(std::span<const float> row) noexcept {
    float sum = 0;
    for (const float element : row) {
        sum += element * element;
    }
    return std::sqrt(sum);
}

struct UnsupervisedScratch final : EmbedScratch {
    explicit UnsupervisedScratch(std::size_t dim) : row(dim) {}

    std::vector<kernels::Field> fields;
    std::vector<WordRowCache::Key> keys;
    std::vector<std::uint32_t> ids;      // of cached rows, of all texts of a call
    std::vector<std::size_t> ends;       // of each text's ids
    std::vector<std::size_t> loose;      // texts of which not all rows are cached
    std::vector<std::uint32_t> n_words;  // that were added, of each text
    std::string bordered;
    std::vector<std::uint32_t> rows;  // of the model, for a word
    std::vector<float> row;           // of a word
    std::vector<float> loose_rows;    // of a text
    std::vector<std::uint32_t> loose_ids;
};

class Unsupervised final : public Embedder {
public:
    Unsupervised(FastTextModel model, std::size_t cache_bytes)
        : model_(std::move(model)), cache_(model_.parts.dim, cache_bytes) {}

    [[nodiscard]] std::size_t dimension() const noexcept override { return model_.parts.dim; }
    [[nodiscard]] std::string description() const override { return describe(model_); }
    [[nodiscard]] std::unique_ptr<EmbedScratch> make_scratch() const override {
        return std::make_unique<UnsupervisedScratch>(model_.parts.dim);
    }

    void embed(
        std::span<const std::string_view> texts,
        MatrixView<float> out,
        EmbedScratch& scratch
    ) const override {
        auto& own = dynamic_cast<UnsupervisedScratch&>(scratch);
        own.ids.clear();
        own.ends.clear();
        own.loose.clear();
        own.n_words.clear();
        for (std::size_t i = 0; i < texts.size(); ++i) {
            find_rows(texts[i], i, own);
        }
        kernels::embedding_bag(cache_.table(), own.ids, own.ends, kernels::Bag::sum, {}, out);
        for (const std::size_t i : own.loose) {
            sum_loosely(texts[i], out.row_block(i, 1), own);
        }
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (own.n_words[i] > 0) {
                scale(out.row(i), static_cast<float>(1.0 / own.n_words[i]));
            }
        }
    }

private:
    /// Appends the cached rows of a text to `ids`.
    void find_rows(std::string_view text, std::size_t index, UnsupervisedScratch& scratch) const {
        kernels::split_fields(text, kernels::Separators::space, scratch.fields);
        scratch.keys.clear();
        for (const kernels::Field& field : scratch.fields) {
            scratch.keys.push_back(cache_.prepare(text.substr(field.first, field.last - field.first)
            ));
        }
        const std::size_t first = scratch.ids.size();
        std::uint32_t n_added = 0;
        bool is_loose = false;
        for (const WordRowCache::Key& key : scratch.keys) {
            std::uint32_t row = cache_.find(key);
            if (row == WordRowCache::not_here) {
                const bool has_row = make_row(key.word(), scratch);
                row = cache_.insert(key.word(), has_row ? scratch.row : std::span<const float>{});
            }
            if (row != WordRowCache::no_row) {
                ++n_added;
                is_loose = is_loose || row == WordRowCache::not_here;
                scratch.ids.push_back(row);
            }
        }
        if (is_loose) {
            scratch.ids.resize(first);
            scratch.loose.push_back(index);
        }
        scratch.ends.push_back(scratch.ids.size());
        scratch.n_words.push_back(n_added);
        EmbedCounts& counts = scratch.counts;
        ++counts.texts;
        counts.tokens += scratch.fields.size();
        counts.unknown_tokens += scratch.fields.size() - n_added;
        counts.empty_texts += scratch.fields.empty() ? 1U : 0U;
        counts.unknown_texts += !scratch.fields.empty() && n_added == 0 ? 1U : 0U;
    }

    /// Leaves the vector of a word, divided by its norm, in `scratch.row`. Returns false where its norm is zero.
    bool make_row(std::string_view word, UnsupervisedScratch& scratch) const {
        scratch.rows.clear();
        append_word_rows(model_.parts, word, scratch.bordered, scratch.rows);
        sum_rows(model_.parts, scratch.rows, scratch.row);
        if (scratch.rows.empty()) {
            return false;
        }
        scale(scratch.row, static_cast<float>(1.0 / static_cast<double>(scratch.rows.size())));
        const float norm = norm_of(scratch.row);
        if (norm > 0) {
            scale(scratch.row, static_cast<float>(1.0 / norm));
        }
        return norm > 0;
    }

    /// Sums a text whose words do not all fit into the cache: the same additions in the same order.
    void sum_loosely(std::string_view text, MatrixView<float> out, UnsupervisedScratch& scratch)
        const {
        scratch.loose_rows.clear();
        scratch.loose_ids.clear();
        kernels::split_fields(text, kernels::Separators::space, scratch.fields);
        for (const kernels::Field& field : scratch.fields) {
            if (make_row(text.substr(field.first, field.last - field.first), scratch)) {
                const auto id = static_cast<std::uint32_t>(scratch.loose_ids.size());
                scratch.loose_ids.push_back(id);
                scratch.loose_rows.insert(
                    scratch.loose_rows.end(), scratch.row.begin(), scratch.row.end()
                );
            }
        }
        const std::size_t end = scratch.loose_ids.size();
        const kernels::RowTable table{
            reinterpret_cast<const std::byte*>(scratch.loose_rows.data()),
            end,
            model_.parts.dim,
            ElementType::f32};
        kernels::embedding_bag(table, scratch.loose_ids, {&end, 1}, kernels::Bag::sum, {}, out);
    }

    FastTextModel model_;
    mutable WordRowCache cache_;  // thread-safe; what it holds changes no result
};

}  // namespace

std::shared_ptr<const Embedder> make_unsupervised(FastTextModel model, std::size_t cache_bytes) {
    return std::make_shared<const Unsupervised>(std::move(model), cache_bytes);
}

}  // namespace kaygraph::models::detail
