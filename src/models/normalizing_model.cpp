#include "models/normalizing_model.hpp"

#include <utility>

namespace kaygraph::models::detail {

struct NormalizingModel::Scratch final : TextModelScratch {
    explicit Scratch(std::unique_ptr<TextModelScratch> of_model) : model(std::move(of_model)) {}

    std::unique_ptr<TextModelScratch> model;
    NormalizedText normalized;
};

std::unique_ptr<TextModelScratch> NormalizingModel::make_scratch() const {
    return std::make_unique<Scratch>(model_->make_scratch());
}

NormalizedText NormalizingModel::normalize(std::string_view text, bool at_start) const {
    NormalizedText normalized;
    normalizer_.normalize(text, at_start, normalized);
    return normalized;
}

void NormalizingModel::encode(
    std::string_view text,
    bool at_start,
    Ids& ids,
    TextModelScratch& scratch
) const {
    NormalizedText& normalized = static_cast<Scratch&>(scratch).normalized;
    normalizer_.normalize(text, at_start, normalized);
    encode_normalized(normalized.text, normalized.from_start, ids, scratch);
}

void NormalizingModel::encode_normalized(
    std::string_view text,
    std::size_t from_start,
    Ids& ids,
    TextModelScratch& scratch
) const {
    model_->encode_normalized(text, from_start, ids, *static_cast<Scratch&>(scratch).model);
}

}  // namespace kaygraph::models::detail
