#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>
#include <kaygraph/base/log.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Tokenizers as tokenizer.json describes them: texts to ids, without special tokens around them.
///
/// Read are WordPiece with BertPreTokenizer, and Unigram with Metaspace, WhitespaceSplit, both or neither; before them any
/// sequence of BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Nmt, Prepend, Replace and
/// Precompiled; added tokens and truncation; a model without its type by what it has. Everything else is refused by its
/// name. Padding is passed over: no text is padded. Ids are those of the reference, Hugging Face's tokenizers 0.23.
///
/// What is a control character, an accent to BertNormalizer or punctuation is fixed (Unicode 8.0, as the vocabularies
/// were made); normal forms and marks are those of Unicode 9.0, lower case that of 17.0, what patterns mean by \w, \d
/// and \p{…} that of 15.0. Patterns are those of Oniguruma that take time in proportion to the text: no references back,
/// no atomic or possessive parts, no looking around at more than one character.
/// @par MPI Local.

#pragma GCC visibility push(hidden)

namespace kaygraph::models {

/// What one thread needs for encoding, kept between calls. Made by the tokenizer that uses it.
/// @par Threads One at a time.
class KAYGRAPH_EXPORT TokenizerScratch : public Interface {};

/// Maps texts to token ids. The ids of a text depend on the text alone.
/// @par Threads Any thread, each with a scratch of its own.
class KAYGRAPH_EXPORT Tokenizer : public Interface {
public:
    [[nodiscard]] virtual std::unique_ptr<TokenizerScratch> make_scratch() const = 0;

    /// Appends the ids of a text of UTF-8; a byte that belongs to none counts as U+FFFD. @throws FormatError for a text with
    /// something unknown, where the vocabulary has no id for it.
    virtual void encode(
        std::string_view text,
        std::vector<std::uint32_t>& ids,
        TokenizerScratch& scratch
    ) const = 0;

    /// The kind of model: "WordPiece" or "Unigram".
    [[nodiscard]] virtual std::string_view kind() const noexcept = 0;
    /// How many tokens there are, with added ones.
    [[nodiscard]] virtual std::size_t vocabulary_size() const noexcept = 0;
    /// One more than the largest id that encode gives.
    [[nodiscard]] virtual std::size_t id_bound() const noexcept = 0;
    /// The id of what the vocabulary does not have; 2³² − 1 where there is none, and encode() refuses such texts.
    [[nodiscard]] virtual std::uint32_t unknown_id() const noexcept = 0;
    /// The median of the lengths of all tokens in code points; of two middle ones their mean, cut to a whole
    /// number.
    [[nodiscard]] virtual std::size_t median_token_length() const noexcept = 0;
};

struct LoadTokenizerOptions {
    /// Reads a tokenizer.json with truncation as if it had none, for models that cut texts themselves.
    bool drop_truncation = false;
    /// Gets a warning where added tokens have other ids than the file says.
    Log log = {};
    /// How many words a scratch keeps the ids of, 32 bytes each: a power of two, or 0 for none.
    std::size_t cached_words = 65'536;
};

/// Reads a tokenizer.json. @throws IoError; FormatError where it is malformed or needs what is not supported,
/// with the name of the component.
[[nodiscard]] KAYGRAPH_EXPORT std::shared_ptr<const Tokenizer> load_tokenizer(
    const std::string& path,
    const LoadTokenizerOptions& options = {}
);

/// The same from memory; `file` names the bytes in errors.
[[nodiscard]] KAYGRAPH_EXPORT std::shared_ptr<const Tokenizer> parse_tokenizer(
    std::span<const std::byte> bytes,
    const std::string& file,
    const LoadTokenizerOptions& options = {}
);

}  // namespace kaygraph::models

#pragma GCC visibility pop
