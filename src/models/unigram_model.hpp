#pragma once

#include "models/byte_trie.hpp"
#include "models/text_model.hpp"

#include <array>
#include <optional>

/// @file
/// Unigram: each word is cut where the sum of its pieces' scores is highest. Before that Metaspace makes a visible mark
/// of spaces.

namespace kaygraph::models::detail {

/// Where Metaspace puts its mark though there is no space.
enum class PrependScheme : std::uint8_t { always, first, never };

struct MetaspaceOptions {
    std::string replacement = "\u2581";
    PrependScheme prepend = PrependScheme::always;
    bool split = true;  ///< before each mark
};

/// How a text is cut before it is looked at piece by piece: all of these may be left out.
struct SpaceOptions {
    bool splits_before = false;  ///< WhitespaceSplit: at white space, which goes
    std::optional<MetaspaceOptions> metaspace = {};
    bool splits_after = false;
};

struct UnigramPiece {
    std::string text;
    double score = 0.0;
};

/// @par Threads Any thread, each with a scratch of its own.
class UnigramModel final : public TextModel {
public:
    /// Of pieces that are there again the last counts, and an empty one is never found. `unknown_id` is one of them, or
    /// no_id. @throws ArgumentError where the pieces are too many.
    UnigramModel(
        SpaceOptions spaces,
        const std::vector<UnigramPiece>& pieces,
        std::uint32_t unknown_id,
        bool byte_fallback
    );

    [[nodiscard]] std::string_view kind() const noexcept override { return "Unigram"; }
    [[nodiscard]] std::unique_ptr<TextModelScratch> make_scratch() const override;
    void encode(std::string_view text, bool at_start, Ids& ids, TextModelScratch& scratch)
        const override;
    [[nodiscard]] NormalizedText normalize(std::string_view text, bool at_start) const override;
    /// @throws FormatError for what is unknown where there is no id for it.
    void encode_normalized(
        std::string_view text,
        std::size_t from_start,
        Ids& ids,
        TextModelScratch& scratch
    ) const override;
    [[nodiscard]] std::uint32_t find(std::string_view token) const noexcept override {
        return trie_.find(root_, token);
    }
    [[nodiscard]] std::uint32_t unknown_id() const noexcept override { return unknown_id_; }

private:
    struct Step;
    struct Scratch;

    void encode_piece(std::string_view piece, bool at_start, Ids& ids, Scratch& scratch) const;
    void encode_word(std::string_view word, Ids& ids, Scratch& scratch) const;
    void cut(std::string_view word, Ids& ids, Scratch& scratch) const;
    void fill_steps(std::string_view word, std::vector<Step>& steps) const;
    void append_unknown(std::string_view text, Ids& ids) const;
    [[noreturn]] static void refuse_unknown(std::string_view text);

    SpaceOptions spaces_;
    std::vector<double> scores_;
    ByteTrie trie_;
    ByteTrie::Node root_;
    std::uint32_t unknown_id_;
    double unknown_score_ = 0.0;
    bool has_byte_fallback_ = false;
    std::array<std::uint32_t, 256> byte_ids_{};
};

}  // namespace kaygraph::models::detail
