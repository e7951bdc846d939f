// Models with labels: the mean of the rows of all words, their sub-words and the word n-grams of the line, whose end is
// a token, too.
#include "models/fasttext.hpp"
#include "models/fasttext_features.hpp"
#include "models/word_memo.hpp"

#include <kaygraph/kernels/scan.hpp>

#include <algorithm>
#include <utility>

namespace kaygraph::models::detail {
namespace {

constexpr std::string_view label_prefix = "__label__";
constexpr std::size_t most_cached = 65'536;  // words

/// What a word adds to a line.
struct WordFeatures {
    std::uint32_t first = 0;  ///< of its rows in the list of all
    std::uint32_t count = 0;
    std::int32_t hash = 0;  ///< for word n-grams
    bool is_label = false;
};

struct SupervisedScratch final : EmbedScratch {
    std::vector<kernels::Field> fields;
    std::vector<std::uint32_t> ids;    // of rows, of all texts of a call
    std::vector<std::size_t> ends;     // of each text's ids
    std::vector<std::int32_t> hashes;  // of the tokens of a line
    std::string bordered;
    WordMemo<WordFeatures> memo{most_cached};
    std::vector<std::uint32_t> cached_rows;
};

class Supervised final : public Embedder {
public:
    explicit Supervised(FastTextModel model) : model_(std::move(model)) {}

    [[nodiscard]] std::size_t dimension() const noexcept override { return model_.parts.dim; }
    [[nodiscard]] std::string description() const override { return describe(model_); }
    [[nodiscard]] std::unique_ptr<EmbedScratch> make_scratch() const override {
        return std::make_unique<SupervisedScratch>();
    }

    void embed(
        std::span<const std::string_view> texts,
        MatrixView<float> out,
        EmbedScratch& scratch
    ) const override {
        auto& own = dynamic_cast<SupervisedScratch&>(scratch);
        own.ids.clear();
        own.ends.clear();
        for (const std::string_view text : texts) {
            find_rows(text, own);
            own.ends.push_back(own.ids.size());
        }
        sum(own, out);
        std::size_t first = 0;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const std::size_t n = own.ends[i] - std::exchange(first, own.ends[i]);
            if (n > 0) {
                scale(out.row(i), static_cast<float>(1.0 / static_cast<double>(n)));
            }
        }
    }

private:
    void sum(const SupervisedScratch& scratch, MatrixView<float> out) const {
        const FastTextFile& parts = model_.parts;
        if (!parts.is_quantised) {
            return kernels::embedding_bag(
                parts.rows, scratch.ids, scratch.ends, kernels::Bag::sum, {}, out
            );
        }
        std::size_t next = 0;
        for (std::size_t i = 0; i < out.rows(); ++i) {
            const std::span<float> row = out.row(i);
            std::fill(row.begin(), row.end(), 0.0F);
            for (; next < scratch.ends[i]; ++next) {
                add_row(parts.quantised, scratch.ids[next], row);
            }
        }
    }

    /// Appends the rows of a text to `ids`.
    void find_rows(std::string_view text, SupervisedScratch& scratch) const {
        kernels::split_fields(text, kernels::Separators::space_nul, scratch.fields);
        scratch.hashes.clear();
        std::size_t n_words = 0;
        std::size_t n_unknown = 0;
        bool has_ended = false;
        const std::size_t first = scratch.ids.size();
        for (const kernels::Field& field : scratch.fields) {
            const std::string_view word = text.substr(field.first, field.last - field.first);
            const WordFeatures features = add_word(word, scratch);
            ++n_words;
            n_unknown += features.count == 0 && !features.is_label ? 1U : 0U;
            if (word == end_of_line) {  // the rest is another line to the official program
                has_ended = true;
                break;
            }
        }
        EmbedCounts& counts = scratch.counts;
        ++counts.texts;
        counts.tokens += n_words;
        counts.unknown_tokens += n_unknown;
        counts.empty_texts += n_words == 0 ? 1U : 0U;
        counts.unknown_texts += n_words != 0 && scratch.ids.size() == first ? 1U : 0U;
        if (!has_ended) {
            add_word(end_of_line, scratch);
        }
        append_ngram_rows(model_.parts, scratch.hashes, scratch.ids);
    }

    /// Appends the rows of a word, and its hash; a label has neither.
    WordFeatures add_word(std::string_view word, SupervisedScratch& scratch) const {
        const WordKey key{word};
        std::uint32_t index = scratch.memo.find(key);
        if (index == scratch.memo.none) {
            if (!scratch.memo.has_room_for(1)) {
                scratch.memo.clear();
                scratch.cached_rows.clear();
            }
            index = scratch.memo.insert(key, find_features(word, scratch));
        }
        const WordFeatures features = scratch.memo.value(index);
        if (!features.is_label) {
            scratch.hashes.push_back(features.hash);
        }
        const auto begin = scratch.cached_rows.begin() + features.first;
        scratch.ids.insert(scratch.ids.end(), begin, begin + features.count);
        return features;
    }

    WordFeatures find_features(std::string_view word, SupervisedScratch& scratch) const {
        WordFeatures features;
        const std::uint32_t id = model_.parts.dictionary.find(word);
        features.is_label = id == WordTable::none
                                ? word.substr(0, label_prefix.size()) == label_prefix
                                : id >= model_.parts.n_words;
        if (features.is_label) {
            return features;
        }
        features.hash = static_cast<std::int32_t>(fasttext_hash(word));
        features.first = static_cast<std::uint32_t>(scratch.cached_rows.size());
        append_word_rows(model_.parts, word, scratch.bordered, scratch.cached_rows);
        features.count = static_cast<std::uint32_t>(scratch.cached_rows.size()) - features.first;
        return features;
    }

    FastTextModel model_;
};

}  // namespace

std::shared_ptr<const Embedder> make_supervised(FastTextModel model) {
    return std::make_shared<const Supervised>(std::move(model));
}

}  // namespace kaygraph::models::detail
