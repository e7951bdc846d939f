#include "models/json_tokenizer.hpp"

#include <algorithm>
#include <utility>

namespace kaygraph::models::detail {
namespace {

struct Scratch final : TokenizerScratch {
    explicit Scratch(std::unique_ptr<TextModelScratch> of_model) : model(std::move(of_model)) {}

    std::unique_ptr<TextModelScratch> model;
};

}  // namespace

std::unique_ptr<TokenizerScratch> JsonTokenizer::make_scratch() const {
    return std::make_unique<Scratch>(parts_.model->make_scratch());
}

/// Encodes a text without added tokens of the first kind.
void JsonTokenizer::encode_text(
    std::string_view text,
    bool at_start,
    Ids& ids,
    TextModelScratch& scratch
) const {
    if (text.empty()) {  // it stays empty, whatever normalizers would put there
        return;
    }
    if (parts_.added_normalized.empty()) {
        parts_.model->encode(text, at_start, ids, scratch);
        return;
    }
    const NormalizedText normalized = parts_.model->normalize(text, at_start);
    parts_.added_normalized.split(normalized.text, [&](const TextPart& part) {
        if (part.id != ByteTrie::no_id) {
            ids.push_back(part.id);
            return;
        }
        const auto first = static_cast<std::size_t>(part.text.data() - normalized.text.data());
        const std::size_t from_start =
            normalized.from_start - std::min(first, normalized.from_start);
        parts_.model->encode_normalized(part.text, from_start, ids, scratch);
    });
}

void JsonTokenizer::truncate(std::size_t n_before, Ids& ids) const {
    const std::size_t n_ids = ids.size() - n_before;
    if (n_ids <= parts_.truncation.max_length) {
        return;
    }
    if (parts_.truncation.keeps_end) {
        const auto first = ids.begin() + static_cast<std::ptrdiff_t>(n_before);
        ids.erase(first, first + static_cast<std::ptrdiff_t>(n_ids - parts_.truncation.max_length));
    } else {
        ids.resize(n_before + parts_.truncation.max_length);
    }
}

void JsonTokenizer::encode(
    std::string_view text,
    std::vector<std::uint32_t>& ids,
    TokenizerScratch& scratch
) const {
    TextModelScratch& of_model = *static_cast<Scratch&>(scratch).model;
    const std::size_t n_before = ids.size();
    if (parts_.added.may_be_in(text)) {
        parts_.added.split(text, [&](const TextPart& part) {
            if (part.id != ByteTrie::no_id) {
                ids.push_back(part.id);
            } else {
                encode_text(part.text, part.text.data() == text.data(), ids, of_model);
            }
        });
    } else {
        encode_text(text, true, ids, of_model);
    }
    truncate(n_before, ids);
}

std::size_t median_of(std::vector<std::size_t> values) {
    if (values.empty()) {
        return 0;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) {
        return *middle;
    }
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace kaygraph::models::detail
