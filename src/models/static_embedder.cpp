#include "models/code_points.hpp"
#include "models/open_embedder.hpp"
#include "models/static_model.hpp"

#include <kaygraph/base/check.hpp>
#include <kaygraph/kernels/rows.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace kaygraph::models::detail {
namespace {

/// The mean of the rows of a text's tokens, times the tokens' weights.
///
/// Of model2vec a text is cut to max_length × the median length of a token, in code points, and its tokens to the first
/// max_length; of these, unknown ones are dropped. Of sentence-transformers the unknown token has a row like any other, and
/// tokenizer.json alone says what is cut. The mean divides by the number of tokens, whatever their weights. Rows of f16 and
/// i8 are converted to float32 as they are: i8 tables have no scale, so that their vectors are in units of the table
/// unless they are normalised.
class StaticEmbedder final : public Embedder {
public:
    explicit StaticEmbedder(StaticModel model);

    [[nodiscard]] std::size_t dimension() const noexcept override { return model_.table.cols; }
    [[nodiscard]] std::string description() const override;
    [[nodiscard]] std::unique_ptr<EmbedScratch> make_scratch() const override;
    void embed(
        std::span<const std::string_view> texts,
        MatrixView<float> out,
        EmbedScratch& scratch
    ) const override;

private:
    struct Scratch;

    void add_text(std::string_view text, Scratch& scratch) const;
    void look_up(std::size_t first, Scratch& scratch) const;

    StaticModel model_;
    std::size_t max_code_points_ = std::numeric_limits<std::size_t>::max();
    std::size_t max_ids_ = std::numeric_limits<std::size_t>::max();
};

struct StaticEmbedder::Scratch final : EmbedScratch {
    std::unique_ptr<TokenizerScratch> tokenizer;
    std::vector<std::uint32_t> ids;  // of the texts so far, then rows
    std::vector<std::size_t> ends;
    std::vector<float> weights;
};

StaticEmbedder::StaticEmbedder(StaticModel model) : model_(std::move(model)) {
    if (model_.max_length) {
        max_ids_ = *model_.max_length;
        max_code_points_ = max_ids_ * model_.tokenizer->median_token_length();
    }
}

std::string StaticEmbedder::description() const {
    const kernels::RowTable& table = model_.table;
    return "static model " + model_.directory + ": " + std::string{model_.tokenizer->kind()}
           + " of " + std::to_string(model_.tokenizer->vocabulary_size()) + " tokens, table of "
           + std::to_string(table.rows) + " x " + std::to_string(table.cols) + " "
           + std::string{to_string(table.type)}
           + (model_.is_model2vec ? "" : ", of sentence-transformers")
           + (model_.mapping.empty() ? "" : ", mapped")
           + (model_.weights.empty() ? "" : ", weighted")
           + (model_.normalizes ? ", normalised" : "");
}

std::unique_ptr<EmbedScratch> StaticEmbedder::make_scratch() const {
    auto scratch = std::make_unique<Scratch>();
    scratch->tokenizer = model_.tokenizer->make_scratch();
    return scratch;
}

/// Makes rows, and weights, of the ids from `first` on.
void StaticEmbedder::look_up(std::size_t first, Scratch& scratch) const {
    if (!model_.weights.empty()) {
        for (std::size_t i = first; i < scratch.ids.size(); ++i) {
            scratch.weights.push_back(model_.weights[scratch.ids[i]]);
        }
    }
    if (!model_.mapping.empty()) {
        for (std::size_t i = first; i < scratch.ids.size(); ++i) {
            scratch.ids[i] = model_.mapping[scratch.ids[i]];
        }
    }
}

void StaticEmbedder::add_text(std::string_view text, Scratch& scratch) const {
    std::vector<std::uint32_t>& ids = scratch.ids;
    const std::size_t first = ids.size();
    model_.tokenizer->encode(first_code_points(text, max_code_points_), ids, *scratch.tokenizer);
    const std::size_t n_tokens = std::min(ids.size() - first, max_ids_);
    ids.resize(first + n_tokens);
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(first);
    const auto n_unknown =
        static_cast<std::size_t>(std::count(begin, ids.end(), model_.tokenizer->unknown_id()));
    if (model_.is_model2vec) {
        ids.erase(std::remove(begin, ids.end(), model_.tokenizer->unknown_id()), ids.end());
    }
    EmbedCounts& counts = scratch.counts;
    ++counts.texts;
    counts.empty_texts += n_tokens == 0 ? 1U : 0U;
    counts.unknown_texts += n_tokens > 0 && ids.size() == first ? 1U : 0U;
    counts.tokens += n_tokens;
    counts.unknown_tokens += n_unknown;
    look_up(first, scratch);
    scratch.ends.push_back(ids.size());
}

void StaticEmbedder::embed(
    std::span<const std::string_view> texts,
    MatrixView<float> out,
    EmbedScratch& scratch
) const {
    constexpr std::size_t enough_ids = 4096;
    KAYGRAPH_ASSERT(out.rows() == texts.size() && out.cols() == dimension(), "a row for each text");
    Scratch& own = static_cast<Scratch&>(scratch);
    std::size_t done = 0;
    for (std::size_t next = 0; next < texts.size();) {
        own.ids.clear();
        own.ends.clear();
        own.weights.clear();
        while (next < texts.size() && own.ids.size() < enough_ids) {
            add_text(texts[next++], own);
        }
        const MatrixView<float> rows = out.row_block(done, next - done);
        kernels::embedding_bag(
            model_.table, own.ids, own.ends, kernels::Bag::mean, own.weights, rows
        );
        if (model_.normalizes) {
            kernels::normalize_rows(rows);
        }
        done = next;
    }
}

}  // namespace

std::shared_ptr<const Embedder> open_static_model(
    const std::string& directory,
    const OpenOptions& options
) {
    StaticModel model = read_static_model(directory, options.log);
    model.normalizes = model.normalizes && options.normalize;
    return std::make_shared<StaticEmbedder>(std::move(model));
}

}  // namespace kaygraph::models::detail
