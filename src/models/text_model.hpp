#pragma once

#include "models/normalized_text.hpp"

#include <kaygraph/base/interface.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// What of a tokenizer follows the added tokens: normalizer, pre-tokenizer and model.

namespace kaygraph::models::detail {

/// What one thread needs.
class TextModelScratch : public Interface {};

/// @par Threads Any thread, each with a scratch of its own.
class TextModel : public Interface {
public:
    using Ids = std::vector<std::uint32_t>;

    [[nodiscard]] virtual std::string_view kind() const noexcept = 0;
    [[nodiscard]] virtual std::unique_ptr<TextModelScratch> make_scratch() const = 0;

    /// Appends the ids of a piece of text between added tokens. `at_start`: it starts the whole text.
    virtual void encode(std::string_view text, bool at_start, Ids& ids, TextModelScratch& scratch)
        const = 0;

    /// The same in two steps, for added tokens that are looked for between them. `from_start` as in NormalizedText.
    [[nodiscard]] virtual NormalizedText normalize(std::string_view text, bool at_start) const = 0;
    virtual void encode_normalized(
        std::string_view text,
        std::size_t from_start,
        Ids& ids,
        TextModelScratch& scratch
    ) const = 0;

    /// Returns the id of a token of the vocabulary, or ByteTrie::no_id.
    [[nodiscard]] virtual std::uint32_t find(std::string_view token) const noexcept = 0;
    /// Returns the id of what the vocabulary does not have; no_id where it has none, and encoding refuses such texts.
    [[nodiscard]] virtual std::uint32_t unknown_id() const noexcept = 0;
};

}  // namespace kaygraph::models::detail
