#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/base/interface.hpp>

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
/// Read are BertNormalizer + BertPreTokenizer + WordPiece and Metaspace + Unigram, with added tokens and
/// truncation; everything else is refused by its name. What is a control character, a mark or punctuation
/// is fixed (Unicode 8.0, as the vocabularies were made); decomposition and lower case are those of utf8proc.
/// @par MPI Local.

namespace kaygraph::models {

/// What one thread needs for encoding, kept between calls. Made by the tokenizer that uses it.
/// @par Threads One at a time.
class KAYGRAPH_EXPORT TokenizerScratch : public Interface {};

/// Maps texts to token ids. The ids of a text depend on the text alone.
/// @par Threads Any thread, each with a scratch of its own.
class KAYGRAPH_EXPORT Tokenizer : public Interface {
public:
    [[nodiscard]] virtual std::unique_ptr<TokenizerScratch> make_scratch() const = 0;

    /// Appends the ids of a text of UTF-8; a byte that belongs to none counts as U+FFFD.
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
    /// The id of what the vocabulary does not have.
    [[nodiscard]] virtual std::uint32_t unknown_id() const noexcept = 0;
    /// The median of the lengths of all tokens in code points; of two middle ones their mean, cut to a whole
    /// number.
    [[nodiscard]] virtual std::size_t median_token_length() const noexcept = 0;
};

struct LoadTokenizerOptions {
    /// Reads a tokenizer.json with truncation as if it had none, for models that cut texts themselves.
    bool drop_truncation = false;
    /// How many words a scratch keeps the ids of, 32 bytes each: a power of two, or 0 for none.
    std::size_t cached_words = 65'536;
};

/// Reads a tokenizer.json. @throws IoError; FormatError where it is malformed or needs what is not supported,
/// with the name of the component.
[[nodiscard]] KAYGRAPH_EXPORT std::shared_ptr<const Tokenizer> load_tokenizer(
    const std::string& path,
    LoadTokenizerOptions options = {}
);

/// The same from memory; `file` names the bytes in errors.
[[nodiscard]] KAYGRAPH_EXPORT std::shared_ptr<const Tokenizer> parse_tokenizer(
    std::span<const std::byte> bytes,
    const std::string& file,
    LoadTokenizerOptions options = {}
);

}  // namespace kaygraph::models
