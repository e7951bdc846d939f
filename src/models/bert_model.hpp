#pragma once

#include "models/bert_normalizer.hpp"
#include "models/text_model.hpp"
#include "models/word_cache.hpp"
#include "models/wordpiece.hpp"

#include <array>

/// @file
/// BertNormalizer, BertPreTokenizer and WordPiece together.

namespace kaygraph::models::detail {

/// White space and punctuation of ASCII part a text into pieces that know nothing of each other: none of the
/// steps moves or changes anything across them. A piece of letters and digits of ASCII is lower-cased in
/// registers; the ids of a piece, of any script, are kept in a cache.
class BertModel final : public TextModel {
public:
    BertModel(
        const BertNormalizerOptions& normalizer,
        WordPiece wordpiece,
        std::size_t cached_words
    );

    [[nodiscard]] std::string_view kind() const noexcept override { return "WordPiece"; }
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
        return wordpiece_.find(token);
    }
    [[nodiscard]] std::uint32_t unknown_id() const noexcept override {
        return wordpiece_.unknown_id();
    }

private:
    enum class Byte : std::uint8_t { space, punctuation, plain, other };
    struct Piece;
    struct Scratch;
    struct Words;

    [[nodiscard]] Byte kind_of(char byte) const noexcept {
        return bytes_[static_cast<unsigned char>(byte)];
    }
    [[nodiscard]] std::string_view piece_at(std::string_view text) const noexcept;
    std::string_view encode_words(std::string_view text, std::size_t readable, Words& words) const;
    [[nodiscard]] Piece plain_piece(std::string_view text, ShortWord bytes) const noexcept;
    [[nodiscard]] static Piece other_piece(std::string_view text, ShortWord bytes) noexcept;
    void encode_piece(const Piece& piece, Ids& ids, Scratch& scratch) const;

    BertNormalizer normalizer_;
    WordPiece wordpiece_;
    std::size_t cached_words_;
    std::array<Byte, 256> bytes_{};
    std::array<std::uint32_t, 128> punctuation_ids_{};
};

}  // namespace kaygraph::models::detail
