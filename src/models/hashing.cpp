#include "models/open_embedder.hpp"
#include "models/word_memo.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/kernels/hash.hpp>
#include <kaygraph/kernels/rows.hpp>
#include <kaygraph/kernels/scan.hpp>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace kaygraph::models::detail {
namespace {

constexpr std::size_t largest_dimension = 65'536;
constexpr std::uint64_t word_seed = 1;
constexpr std::uint64_t pair_key = 0xA54FF53A5F1D36F1U;
constexpr std::uint64_t ngram_seed = 2;
constexpr std::size_t shortest_ngram = 3;
constexpr std::size_t longest_ngram = 5;
constexpr std::size_t most_cached = 65'536;  // words; a few mebibytes
constexpr std::size_t longest_cached = 64;   // bytes of one

/// A bucket and a sign.
struct Feature {
    std::uint32_t bucket;
    float sign;
};

/// What a word adds by itself.
struct WordFeatures {
    std::uint64_t hash = 0;  // of the word, for the pairs that it is in
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

struct HashingScratch final : EmbedScratch {
    std::vector<kernels::Field> fields;
    std::string folded;               // the word, in lower case, between its borders
    std::vector<std::size_t> starts;  // of its characters
    WordMemo<WordFeatures> memo{most_cached};
    std::vector<Feature> features;  // of the words in the memo
    std::vector<Feature> other;     // of a word that is not kept
};

class Hashing final : public Embedder {
public:
    Hashing(std::size_t dimension, bool normalize) : dimension_(dimension), normalize_(normalize) {}

    [[nodiscard]] std::size_t dimension() const noexcept override { return dimension_; }
    [[nodiscard]] std::string description() const override {
        return "hash:" + std::to_string(dimension_)
               + ", words, pairs of words, character 3- to 5-grams";
    }
    [[nodiscard]] std::unique_ptr<EmbedScratch> make_scratch() const override {
        return std::make_unique<HashingScratch>();
    }

    void embed(
        std::span<const std::string_view> texts,
        MatrixView<float> out,
        EmbedScratch& scratch
    ) const override {
        auto& own = dynamic_cast<HashingScratch&>(scratch);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const std::span<float> row = out.row(i);
            std::fill(row.begin(), row.end(), 0.0F);
            add_text(texts[i], row, own);
        }
        if (normalize_) {
            kernels::normalize_rows(out);
        }
    }

private:
    /// A word's features, until the next word is asked for.
    struct Word {
        std::uint64_t hash;
        std::span<const Feature> features;
    };

    void add_text(std::string_view text, std::span<float> row, HashingScratch& scratch) const {
        kernels::split_fields(text, kernels::Separators::space, scratch.fields);
        EmbedCounts& counts = scratch.counts;
        ++counts.texts;
        counts.tokens += scratch.fields.size();
        counts.empty_texts += scratch.fields.empty() ? 1U : 0U;
        std::uint64_t before = 0;
        bool is_first = true;
        for (const kernels::Field& field : scratch.fields) {
            const Word word = word_of(text.substr(field.first, field.last - field.first), scratch);
            for (const Feature& feature : word.features) {
                row[feature.bucket] += feature.sign;
            }
            if (!is_first) {
                const Feature pair =
                    feature_of(kernels::detail::folded_product(before ^ pair_key, word.hash));
                row[pair.bucket] += pair.sign;
            }
            before = word.hash;
            is_first = false;
        }
    }

    [[nodiscard]] Feature feature_of(std::uint64_t hash) const noexcept {
        const std::uint64_t rest = hash << 1U;  // the top bit is the sign's
        const auto bucket =
            static_cast<std::uint32_t>(kernels::detail::high_product(rest, dimension_));
        return {bucket, hash >> 63U != 0 ? -1.0F : 1.0F};
    }

    Word word_of(std::string_view word, HashingScratch& scratch) const {
        const WordKey key{word};
        if (const WordFeatures* kept = scratch.memo.find(key)) {
            return {kept->hash, std::span{scratch.features}.subspan(kept->first, kept->count)};
        }
        std::string& folded = scratch.folded;
        folded.assign(1, '<');
        for (const char c : word) {
            folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        folded += '>';
        const std::uint64_t hash =
            kernels::hash_bytes(std::string_view{folded}.substr(1, folded.size() - 2), word_seed);
        if (word.size() > longest_cached) {
            scratch.other.clear();
            add_word(hash, scratch, scratch.other);
            return {hash, scratch.other};
        }
        if (scratch.memo.is_full()) {
            scratch.memo.clear();
            scratch.features.clear();
        }
        const std::size_t first = scratch.features.size();
        add_word(hash, scratch, scratch.features);
        const std::size_t count = scratch.features.size() - first;
        scratch.memo.insert(
            key, {hash, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)}
        );
        return {hash, std::span{scratch.features}.subspan(first, count)};
    }

    /// Appends the features of the word in `scratch.folded`.
    void add_word(std::uint64_t hash, HashingScratch& scratch, std::vector<Feature>& features)
        const {
        const std::string_view bordered = scratch.folded;
        features.push_back(feature_of(hash));
        std::vector<std::size_t>& starts = scratch.starts;
        starts.clear();
        for (std::size_t i = 0; i < bordered.size(); ++i) {
            if ((static_cast<unsigned char>(bordered[i]) & 0xC0U) != 0x80U) {
                starts.push_back(i);
            }
        }
        starts.push_back(bordered.size());
        const std::size_t n = starts.size() - 1;
        for (std::size_t first = 0; first < n; ++first) {
            for (std::size_t length = shortest_ngram;
                 length <= longest_ngram && first + length <= n;
                 ++length) {
                features.push_back(feature_of(kernels::hash_bytes(
                    bordered.substr(starts[first], starts[first + length] - starts[first]),
                    ngram_seed
                )));
            }
        }
    }

    std::size_t dimension_;
    bool normalize_;
};

}  // namespace

std::shared_ptr<const Embedder> open_hashing(
    const std::string& dimension,
    const OpenOptions& options
) {
    std::size_t value = 0;
    const char* last = dimension.data() + dimension.size();
    const auto read = std::from_chars(dimension.data(), last, value);
    if (read.ec != std::errc{} || read.ptr != last || value < 1 || value > largest_dimension) {
        throw ArgumentError(
            "expected a dimension of 1 to 65536 behind hash:, found '" + dimension + "'"
        );
    }
    return std::make_shared<const Hashing>(value, options.normalize);
}

}  // namespace kaygraph::models::detail
