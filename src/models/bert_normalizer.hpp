#pragma once

#include "models/character_classes.hpp"
#include "models/unicode_forms.hpp"

#include <string>
#include <string_view>
#include <vector>

/// @file
/// The normalizer of BERT's tokenizers.

namespace kaygraph::models::detail {

struct BertNormalizerOptions {
    bool clean_text = true;
    bool handle_chinese_chars = true;
    bool strip_accents = true;
    bool lowercase = true;
};

/// Cleans, sets ideographs apart, decomposes and drops accents, lower-cases: in this order.
/// @par Threads Any thread.
class BertNormalizer {
public:
    explicit BertNormalizer(const BertNormalizerOptions& options) : options_(options) {}

    /// Appends the normal form of a text. `points` is room to work in.
    void append_normalized(
        std::string_view text,
        std::string& normalized,
        std::vector<ClassedPoint>& points
    ) const;

    [[nodiscard]] const BertNormalizerOptions& options() const noexcept { return options_; }
    [[nodiscard]] const CharacterTable& characters() const noexcept { return characters_; }

private:
    BertNormalizerOptions options_;
    CharacterTable characters_;
};

}  // namespace kaygraph::models::detail
