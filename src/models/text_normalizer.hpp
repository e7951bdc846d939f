#pragma once

#include "models/bert_normalizer.hpp"
#include "models/charsmap.hpp"
#include "models/normalized_text.hpp"
#include "models/pattern.hpp"
#include "models/unicode_forms.hpp"

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// @file
/// The normalizers of a tokenizer, one after the other.

namespace kaygraph::models::detail {

/// Decomposes, or composes: NFC, NFD, NFKC, NFKD.
struct FormStep {
    NormalForm form;
};
struct LowercaseStep {};
struct StripAccentsStep {};
/// Takes white space off the ends.
struct StripStep {
    bool left;
    bool right;
};
/// Drops controls and makes spaces of other white space, as the recipe "nmt" of SentencePiece does.
struct NmtStep {};
/// Puts something before a text that is not empty.
struct PrependStep {
    std::string prefix;
};
/// Replaces what a pattern, or a string that is not empty, matches.
struct ReplaceStep {
    std::string text;  ///< what is looked for, where there is no pattern
    std::shared_ptr<const Pattern> pattern;
    std::string content;
};

using NormalizerStep = std::variant<
    FormStep,
    LowercaseStep,
    StripAccentsStep,
    StripStep,
    NmtStep,
    PrependStep,
    ReplaceStep,
    Charsmap,
    std::shared_ptr<const BertNormalizer>>;

/// @par Threads Any thread.
class TextNormalizer {
public:
    void add(NormalizerStep step) { steps_.push_back(std::move(step)); }
    [[nodiscard]] bool empty() const noexcept { return steps_.empty(); }

    /// The options of a single BertNormalizer, where that is all there is; of none where there is no step.
    [[nodiscard]] KAYGRAPH_EXPORT std::optional<BertNormalizerOptions> only_bert() const;

    /// Normalizes a text of UTF-8. `at_start`: it starts the whole text.
    /// @throws FormatError where a pattern takes out of all proportion.
    KAYGRAPH_EXPORT void normalize(std::string_view text, bool at_start, NormalizedText& normalized)
        const;

private:
    std::vector<NormalizerStep> steps_;
};

}  // namespace kaygraph::models::detail
