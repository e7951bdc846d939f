#pragma once

#include "models/text_model.hpp"
#include "models/text_normalizer.hpp"

namespace kaygraph::models::detail {

/// Normalizers before a model that has none of its own.
/// @par Threads Any thread, each with a scratch of its own.
class NormalizingModel final : public TextModel {
public:
    NormalizingModel(TextNormalizer normalizer, std::unique_ptr<const TextModel> model)
        : normalizer_(std::move(normalizer)), model_(std::move(model)) {}

    [[nodiscard]] std::string_view kind() const noexcept override { return model_->kind(); }
    [[nodiscard]] std::unique_ptr<TextModelScratch> make_scratch() const override;
    void encode(std::string_view text, bool at_start, Ids& ids, TextModelScratch& scratch)
        const override;
    [[nodiscard]] NormalizedText normalize(std::string_view text, bool at_start) const override;
    void encode_normalized(
        std::string_view text,
        std::size_t from_start,
        Ids& ids,
        TextModelScratch& scratch
    ) const override;
    [[nodiscard]] std::uint32_t find(std::string_view token) const noexcept override {
        return model_->find(token);
    }
    [[nodiscard]] std::uint32_t unknown_id() const noexcept override {
        return model_->unknown_id();
    }

private:
    struct Scratch;

    TextNormalizer normalizer_;
    std::unique_ptr<const TextModel> model_;
};

}  // namespace kaygraph::models::detail
