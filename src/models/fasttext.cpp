#include "models/fasttext.hpp"

#include "models/fasttext_features.hpp"
#include "models/open_embedder.hpp"
#include "models/word_row_cache.hpp"

#include <kaygraph/files/mapped_file.hpp>
#include <kaygraph/kernels/scan.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace kaygraph::models::detail {
namespace {

constexpr std::string_view label_prefix = "__label__";

void scale(std::span<float> row, float by) noexcept {
    for (float& element : row) {
        element *= by;
    }
}

/// The sum of squares as the official program has it: one float32 sum, in order.
float norm_of(std::span<const float> row) noexcept {
    float sum = 0;
    for (const float element : row) {
        sum += element * element;
    }
    return std::sqrt(sum);
}

/// What a word adds to a line.
struct WordPart {
    std::uint32_t count = 0;  ///< of an unsupervised model 1 or 0; of a supervised one its rows
    std::int32_t hash = 0;    ///< for word n-grams
    bool is_label = false;

    [[nodiscard]] std::uint64_t note() const noexcept {
        return std::uint64_t{count} << 33U | std::uint64_t{is_label ? 1U : 0U} << 32U
               | static_cast<std::uint32_t>(hash);
    }
    static WordPart from(std::uint64_t note) noexcept {
        return {
            static_cast<std::uint32_t>(note >> 33U),
            static_cast<std::int32_t>(static_cast<std::uint32_t>(note)),
            (note >> 32U & 1U) != 0};
    }
};

struct FastTextScratch final : EmbedScratch {
    explicit FastTextScratch(std::size_t dim) : row(dim), ngram_sum(dim) {}

    std::vector<kernels::Field> fields;
    std::vector<std::uint32_t> ids;  // of cached rows, of all texts of a call
    std::vector<std::size_t> ends;   // of each text's ids
    std::vector<std::uint32_t> counts_of_texts;
    std::string bordered;
    std::vector<std::uint32_t> rows;  // of a word, or of the n-grams of a line
    std::vector<float> row;           // of a word
    std::vector<float> loose;         // rows of a text of which not all are cached
    std::vector<std::uint32_t> loose_ids;
    std::vector<std::int32_t> hashes;
    std::vector<float> ngram_sum;
};

class FastText final : public Embedder {
public:
    FastText(MappedFile file, std::size_t cache_bytes)
        : file_(std::move(file)),
          model_(parse_fasttext(file_.bytes(), file_.path())),
          cache_(model_.dim, cache_bytes) {}

    [[nodiscard]] std::size_t dimension() const noexcept override { return model_.dim; }

    [[nodiscard]] std::string description() const override {
        return "fasttext:" + file_.path() + ", "
               + (model_.is_supervised ? "supervised" : "unsupervised")
               + (model_.is_quantised ? ", quantised" : "") + ", " + std::to_string(model_.n_words)
               + " words, " + std::to_string(model_.maxn > 0 ? model_.bucket : 0)
               + " buckets of sub-words, dimension " + std::to_string(model_.dim);
    }

    [[nodiscard]] std::unique_ptr<EmbedScratch> make_scratch() const override {
        return std::make_unique<FastTextScratch>(model_.dim);
    }

    void embed(
        std::span<const std::string_view> texts,
        MatrixView<float> out,
        EmbedScratch& scratch
    ) const override {
        auto& own = dynamic_cast<FastTextScratch&>(scratch);
        own.ids.clear();
        own.ends.clear();
        own.counts_of_texts.clear();
        std::vector<std::size_t> loose_texts;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            Line line = find_rows(texts[i], own);
            if (line.is_loose) {
                loose_texts.push_back(i);
            }
            own.ends.push_back(own.ids.size());
            own.counts_of_texts.push_back(line.count);
        }
        kernels::embedding_bag(cache_.table(), own.ids, own.ends, kernels::Bag::sum, {}, out);
        for (const std::size_t i : loose_texts) {
            own.counts_of_texts[i] = sum_loosely(texts[i], out.row_block(i, 1), own);
        }
        for (std::size_t i = 0; i < texts.size(); ++i) {
            std::uint32_t count = own.counts_of_texts[i];
            if (model_.is_supervised && model_.word_ngrams > 1) {
                count += add_ngrams(texts[i], out.row(i), own);
            }
            if (count > 0) {
                scale(out.row(i), static_cast<float>(1.0 / count));
            }
        }
    }

private:
    struct Line {
        std::uint32_t count = 0;  ///< words or rows that were added
        bool is_loose = false;    ///< not all rows are in the cache
    };

    /// Calls `use` with each word of a text that is one, in order; the end of the line is a word of a supervised
    /// model.
    template <class Use>
    void for_each_word(std::string_view text, FastTextScratch& scratch, Use&& use) const {
        kernels::split_fields(
            text,
            model_.is_supervised ? kernels::Separators::space_nul : kernels::Separators::space,
            scratch.fields
        );
        bool has_ended = false;
        for (const kernels::Field& field : scratch.fields) {
            const std::string_view word = text.substr(field.first, field.last - field.first);
            use(word);
            if (model_.is_supervised && word == end_of_line) {
                has_ended = true;
                break;
            }
        }
        if (model_.is_supervised && !has_ended) {
            use(end_of_line);
        }
    }

    /// Appends the cached rows of a text to `ids`.
    Line find_rows(std::string_view text, FastTextScratch& scratch) const {
        Line line;
        std::size_t n_words = 0;
        std::size_t n_unknown = 0;
        const std::size_t first = scratch.ids.size();
        for_each_word(text, scratch, [&](std::string_view word) {
            std::uint32_t id = cache_.find(word);
            WordPart part;
            if (id == WordRowCache::none) {
                part = make_row(word, scratch);
                id = cache_.insert(word, scratch.row, part.note());
            } else {
                part = WordPart::from(cache_.note(id));
            }
            ++n_words;
            n_unknown += part.count == 0 && !part.is_label ? 1U : 0U;
            if (part.count == 0) {
                return;
            }
            line.count += part.count;
            line.is_loose = line.is_loose || id == WordRowCache::none;
            scratch.ids.push_back(id);
        });
        if (line.is_loose) {  // summed elsewhere
            scratch.ids.resize(first);
        }
        count(scratch.counts, n_words, n_unknown, line.count != 0);
        return line;
    }

    void count(EmbedCounts& counts, std::size_t n_words, std::size_t n_unknown, bool is_known)
        const {
        n_words -= model_.is_supervised ? 1 : 0;  // the end of the line is nobody's word
        ++counts.texts;
        counts.tokens += n_words;
        counts.unknown_tokens += std::min(n_unknown, n_words);
        counts.empty_texts += n_words == 0 ? 1U : 0U;
        counts.unknown_texts += n_words != 0 && !is_known ? 1U : 0U;
    }

    /// Sums a text whose words do not all fit into the cache: the same additions in the same order.
    std::uint32_t sum_loosely(
        std::string_view text,
        MatrixView<float> out,
        FastTextScratch& scratch
    ) const {
        scratch.loose.clear();
        scratch.loose_ids.clear();
        std::uint32_t total = 0;
        for_each_word(text, scratch, [&](std::string_view word) {
            const WordPart part = make_row(word, scratch);
            if (part.count != 0) {
                total += part.count;
                scratch.loose_ids.push_back(static_cast<std::uint32_t>(scratch.loose_ids.size()));
                scratch.loose.insert(scratch.loose.end(), scratch.row.begin(), scratch.row.end());
            }
        });
        const kernels::RowTable table{
            reinterpret_cast<const std::byte*>(scratch.loose.data()),
            scratch.loose_ids.size(),
            model_.dim,
            ElementType::f32};
        const std::size_t end = scratch.loose_ids.size();
        kernels::embedding_bag(table, scratch.loose_ids, {&end, 1}, kernels::Bag::sum, {}, out);
        return total;
    }

    /// Leaves in `scratch.row` what a word adds to its line.
    WordPart make_row(std::string_view word, FastTextScratch& scratch) const {
        std::fill(scratch.row.begin(), scratch.row.end(), 0.0F);
        WordPart part;
        if (model_.is_supervised) {
            const std::uint32_t id = model_.dictionary.find(word);
            part.is_label = id == WordTable::none
                                ? word.substr(0, label_prefix.size()) == label_prefix
                                : id >= model_.n_words;
            if (part.is_label) {
                return part;
            }
            part.hash = static_cast<std::int32_t>(fasttext_hash(word));
        }
        scratch.rows.clear();
        append_word_rows(model_, word, scratch.bordered, scratch.rows);
        for (const std::uint32_t row : scratch.rows) {
            add_row(model_, row, scratch.row);
        }
        part.count = static_cast<std::uint32_t>(scratch.rows.size());
        if (model_.is_supervised || part.count == 0) {
            return part;
        }
        scale(scratch.row, static_cast<float>(1.0 / part.count));
        const float norm = norm_of(scratch.row);
        part.count = norm > 0 ? 1 : 0;
        if (norm > 0) {
            scale(scratch.row, static_cast<float>(1.0 / norm));
        }
        return part;
    }

    /// Adds the rows of a line's word n-grams. Returns how many.
    std::uint32_t add_ngrams(std::string_view text, std::span<float> sum, FastTextScratch& scratch)
        const {
        scratch.hashes.clear();
        for_each_word(text, scratch, [&](std::string_view word) {
            const std::uint32_t id = cache_.find(word);
            const WordPart part = id != WordRowCache::none ? WordPart::from(cache_.note(id))
                                                           : make_row(word, scratch);
            if (!part.is_label) {
                scratch.hashes.push_back(part.hash);
            }
        });
        scratch.rows.clear();
        append_ngram_rows(model_, scratch.hashes, scratch.rows);
        std::fill(scratch.ngram_sum.begin(), scratch.ngram_sum.end(), 0.0F);
        for (const std::uint32_t row : scratch.rows) {
            add_row(model_, row, scratch.ngram_sum);
        }
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] += scratch.ngram_sum[i];
        }
        return static_cast<std::uint32_t>(scratch.rows.size());
    }

    MappedFile file_;
    FastTextFile model_;
    mutable WordRowCache cache_;
};

}  // namespace

std::shared_ptr<const Embedder> open_fasttext_with_cache(
    const std::string& file,
    std::size_t cache_bytes
) {
    return std::make_shared<const FastText>(MappedFile{file}, cache_bytes);
}

std::shared_ptr<const Embedder> open_fasttext(
    const std::string& file,
    const OpenOptions& /*options*/
) {
    constexpr std::size_t cache_bytes = std::size_t{128} << 20U;
    return open_fasttext_with_cache(file, cache_bytes);
}

}  // namespace kaygraph::models::detail
