#include "models/open_embedder.hpp"
#include "models/word_memo.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/kernels/hash.hpp>
#include <kaygraph/kernels/rows.hpp>
#include <kaygraph/kernels/scan.hpp>

#include <algorithm>
#include <bit>
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

/// A bucket, and a sign in the top bit.
using Feature = std::uint32_t;
constexpr Feature sign_bit = 0x80000000U;
constexpr std::size_t most_at_once = 64;  // words that are looked up together

void add_feature(Feature feature, std::span<float> row) noexcept {
    constexpr std::uint32_t one = 0x3F800000U;  // 1.0F
    row[feature & ~sign_bit] += std::bit_cast<float>(one | (feature & sign_bit));
}

/// What a word adds by itself.
struct WordFeatures {
    std::uint64_t hash = 0;  // of the word, for the pairs that it is in
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

struct HashingScratch final : EmbedScratch {
    std::vector<kernels::Field> fields;
    std::vector<WordKey> keys;           // of some words
    std::vector<std::uint32_t> indices;  // of the same words in the memo
    std::string folded;                  // a word, in lower case, between its borders
    std::vector<std::size_t> starts;     // of its characters
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
    void add_text(std::string_view text, std::span<float> row, HashingScratch& scratch) const {
        kernels::split_fields(text, kernels::Separators::space, scratch.fields);
        EmbedCounts& counts = scratch.counts;
        ++counts.texts;
        counts.tokens += scratch.fields.size();
        counts.empty_texts += scratch.fields.empty() ? 1U : 0U;
        std::uint64_t before = 0;
        const std::span<const kernels::Field> fields = scratch.fields;
        for (std::size_t first = 0; first < fields.size(); first += most_at_once) {
            const std::size_t n = std::min(most_at_once, fields.size() - first);
            find_words(text, fields.subspan(first, n), scratch);
            before = add_words(first == 0, before, row, scratch);
        }
    }

    /// Finds some words in the memo, or puts them there. Each step has fetched what the next one reads.
    void find_words(
        std::string_view text,
        std::span<const kernels::Field> fields,
        HashingScratch& scratch
    ) const {
        if (!scratch.memo.has_room_for(fields.size())) {
            scratch.memo.clear();
            scratch.features.clear();
        }
        scratch.keys.clear();
        for (const kernels::Field& field : fields) {
            scratch.keys.emplace_back(text.substr(field.first, field.last - field.first));
            scratch.memo.prefetch(scratch.keys.back());
        }
        scratch.indices.clear();
        for (const WordKey& key : scratch.keys) {
            std::uint32_t index = scratch.memo.find(key);
            if (index == scratch.memo.none && key.size <= longest_cached) {
                index = keep(key, scratch);
            }
            scratch.memo.prefetch_value(index);
            scratch.indices.push_back(index);
        }
        for (const std::uint32_t index : scratch.indices) {
            if (index != scratch.memo.none) {
                __builtin_prefetch(&scratch.features[scratch.memo.value(index).first]);
            }
        }
    }

    /// Adds the words that were found. Returns the hash of the last one.
    std::uint64_t add_words(
        bool are_first,
        std::uint64_t before,
        std::span<float> row,
        HashingScratch& scratch
    ) const {
        for (std::size_t i = 0; i < scratch.keys.size(); ++i) {
            const std::uint32_t index = scratch.indices[i];
            const bool is_kept = index != scratch.memo.none;
            WordFeatures word;
            if (is_kept) {
                word = scratch.memo.value(index);
            } else {
                scratch.other.clear();
                word = add_word(scratch.keys[i].word(), scratch, scratch.other);
            }
            const std::vector<Feature>& features = is_kept ? scratch.features : scratch.other;
            for (const Feature feature : std::span{features}.subspan(word.first, word.count)) {
                add_feature(feature, row);
            }
            if (!are_first || i > 0) {
                add_feature(
                    feature_of(kernels::detail::folded_product(before ^ pair_key, word.hash)), row
                );
            }
            before = word.hash;
        }
        return before;
    }

    [[nodiscard]] Feature feature_of(std::uint64_t hash) const noexcept {
        const std::uint64_t rest = hash << 1U;  // the top bit is the sign's
        const std::uint64_t bucket = kernels::detail::high_product(rest, dimension_);
        return static_cast<Feature>(bucket) | (hash >> 63U != 0 ? sign_bit : 0U);
    }

    std::uint32_t keep(const WordKey& key, HashingScratch& scratch) const {
        return scratch.memo.insert(key, add_word(key.word(), scratch, scratch.features));
    }

    /// Appends the features of a word.
    WordFeatures add_word(
        std::string_view word,
        HashingScratch& scratch,
        std::vector<Feature>& features
    ) const {
        std::string& folded = scratch.folded;
        folded.assign(1, '<');
        for (const char c : word) {
            folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        folded += '>';
        const std::string_view bordered = folded;
        const std::uint64_t hash =
            kernels::hash_bytes(bordered.substr(1, bordered.size() - 2), word_seed);
        const std::size_t first_feature = features.size();
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
        return {
            hash,
            static_cast<std::uint32_t>(first_feature),
            static_cast<std::uint32_t>(features.size() - first_feature)};
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
            "expected a dimension of 1 to 65536 after hash:, found '" + dimension + "'"
        );
    }
    return std::make_shared<const Hashing>(value, options.normalize);
}

}  // namespace kaygraph::models::detail
