#pragma once

#include "models/added_tokens.hpp"
#include "models/text_model.hpp"

#include <kaygraph/models/tokenizer.hpp>

#include <limits>
#include <memory>

/// @file
/// A tokenizer put together from the parts that a tokenizer.json names.

namespace kaygraph::models::detail {

struct Truncation {
    std::size_t max_length = std::numeric_limits<std::size_t>::max();
    bool keeps_end = false;  ///< direction "Left"
};

struct TokenizerParts {
    std::unique_ptr<const TextModel> model = {};
    AddedTokens added = {};             ///< looked for in the text as it is
    AddedTokens added_normalized = {};  ///< looked for in its normal form
    Truncation truncation = {};
    std::size_t vocabulary_size = 0;
    std::size_t id_bound = 0;
    std::size_t median_token_length = 0;
};

class JsonTokenizer final : public Tokenizer {
public:
    explicit JsonTokenizer(TokenizerParts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] std::unique_ptr<TokenizerScratch> make_scratch() const override;
    void encode(std::string_view text, std::vector<std::uint32_t>& ids, TokenizerScratch& scratch)
        const override;

    [[nodiscard]] std::string_view kind() const noexcept override { return parts_.model->kind(); }
    [[nodiscard]] std::size_t vocabulary_size() const noexcept override {
        return parts_.vocabulary_size;
    }
    [[nodiscard]] std::size_t id_bound() const noexcept override { return parts_.id_bound; }
    [[nodiscard]] std::uint32_t unknown_id() const noexcept override {
        return parts_.model->unknown_id();
    }
    [[nodiscard]] std::size_t median_token_length() const noexcept override {
        return parts_.median_token_length;
    }

private:
    using Ids = TextModel::Ids;

    void encode_text(std::string_view text, bool at_start, Ids& ids, TextModelScratch& scratch)
        const;
    void truncate(std::size_t n_before, Ids& ids) const;

    TokenizerParts parts_;
};

/// Returns the median, of two middle values their mean, cut to a whole number; 0 for none.
[[nodiscard]] std::size_t median_of(std::vector<std::size_t> values);

}  // namespace kaygraph::models::detail
