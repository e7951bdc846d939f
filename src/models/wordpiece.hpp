#pragma once

#include "models/byte_trie.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// @file
/// WordPiece: a word becomes its longest beginning in the vocabulary, and so on with the rest.

namespace kaygraph::models::detail {

/// @par Threads Any thread may cut words.
class WordPiece {
public:
    struct Options {
        std::uint32_t unknown_id = 0;       ///< ByteTrie::no_id: unknown words are refused
        std::size_t max_word_length = 100;  ///< in code points; longer words are unknown
    };

    explicit WordPiece(std::size_t expected_bytes);

    /// Adds a token of the vocabulary. Returns false where it is there already, or there are too many.
    [[nodiscard]] bool add(
        std::string_view token,
        std::string_view continuing_prefix,
        std::uint32_t id
    );
    [[nodiscard]] std::uint32_t find(std::string_view token) const noexcept {
        return trie_.find(words_, token);
    }
    void set_options(const Options& options) noexcept { options_ = options; }
    [[nodiscard]] std::uint32_t unknown_id() const noexcept { return options_.unknown_id; }

    /// Appends the pieces of a word that is not empty. Returns false, and appends nothing, where it cannot be cut.
    [[nodiscard]] bool cut_known(std::string_view word, std::vector<std::uint32_t>& ids) const;
    /// Appends the pieces of a word that is not empty, or the unknown token where it cannot be cut.
    /// @throws FormatError for a word that cannot be cut, where there is no unknown token.
    void cut(std::string_view word, std::vector<std::uint32_t>& ids) const;

private:
    ByteTrie trie_;
    ByteTrie::Node words_;
    ByteTrie::Node continuing_;
    Options options_;
};

}  // namespace kaygraph::models::detail
