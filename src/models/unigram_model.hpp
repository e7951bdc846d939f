#pragma once

#include "models/byte_trie.hpp"
#include "models/text_model.hpp"

#include <array>
#include <optional>

/// @file
/// Metaspace and Unigram: spaces become a visible mark, and each word is cut where the sum of its pieces' scores
/// is highest.

namespace kaygraph::models::detail {

/// Where Metaspace puts its mark though there is no space.
enum class PrependScheme : std::uint8_t { always, first, never };

struct MetaspaceOptions {
    std::string replacement = "\u2581";
    PrependScheme prepend = PrependScheme::always;
    bool split = true;         ///< before each mark
    bool drop_spaces = false;  ///< cuts at white space first (WhitespaceSplit)
};

struct UnigramPiece {
    std::string text;
    double score = 0.0;
};

/// @par Threads Any thread, each with a scratch of its own.
class UnigramModel final : public TextModel {
public:
    /// Pieces are distinct and not empty; unknown_id is one of them.
    /// @throws ArgumentError where a piece is there twice, or they are too many.
    UnigramModel(
        MetaspaceOptions metaspace,
        std::vector<UnigramPiece> pieces,
        std::uint32_t unknown_id,
        bool byte_fallback
    );

    [[nodiscard]] std::string_view kind() const noexcept override { return "Unigram"; }
    [[nodiscard]] std::unique_ptr<TextModelScratch> make_scratch() const override;
    void encode(std::string_view text, bool at_start, Ids& ids, TextModelScratch& scratch)
        const override;
    [[nodiscard]] std::string normalize(std::string_view text) const override;
    void encode_normalized(std::string_view text, bool at_start, Ids& ids) const override;
    [[nodiscard]] std::uint32_t find(std::string_view token) const noexcept override {
        return trie_.find(root_, token);
    }
    [[nodiscard]] std::uint32_t unknown_id() const noexcept override { return unknown_id_; }

private:
    struct Step;
    struct Scratch;

    void encode_spaced(std::string_view text, bool at_start, Ids& ids, Scratch& scratch) const;
    void cut(std::string_view word, Ids& ids, Scratch& scratch) const;
    void fill_steps(std::string_view word, std::vector<Step>& steps) const;
    void append_unknown(std::string_view text, Ids& ids) const;

    MetaspaceOptions metaspace_;
    std::vector<double> scores_;
    ByteTrie trie_;
    ByteTrie::Node root_;
    std::uint32_t unknown_id_;
    double unknown_score_ = 0.0;
    bool has_byte_fallback_ = false;
    std::array<std::uint32_t, 256> byte_ids_{};
};

}  // namespace kaygraph::models::detail
