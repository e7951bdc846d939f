#pragma once

#include "models/byte_trie.hpp"

#include <kaygraph/base/function_ref.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// @file
/// Tokens that are found in a text before it is cut into words.

namespace kaygraph::models::detail {

struct AddedToken {
    std::string content = {};
    std::uint32_t id = 0;
    bool single_word = false;  ///< only where no letter, mark or digit touches it
    bool lstrip = false;       ///< takes the white space before it
    bool rstrip = false;       ///< and after it
    bool normalized = false;   ///< is looked for in the normal form, in its own normal form
    bool special = false;
};

/// A part of a text: an added token, or what stands between two.
struct TextPart {
    std::string_view text;
    std::uint32_t id = ByteTrie::no_id;  ///< no_id for what stands between
};

/// Added tokens that are looked for together: the leftmost first, of those the longest.
/// @par Threads Any thread may search.
class AddedTokens {
public:
    AddedTokens();

    /// Adds a token that is found as `pattern`, which is not empty. Returns false where another one is found as
    /// this: the first stays.
    bool add(const AddedToken& token, std::string_view pattern);

    [[nodiscard]] bool empty() const noexcept { return tokens_.empty(); }

    /// Whether any may be in a text: false is certain.
    [[nodiscard]] bool may_be_in(std::string_view text) const noexcept;

    /// Gives the parts of a text in order; none is empty.
    void split(std::string_view text, FunctionRef<void(const TextPart&)> give) const;

private:
    std::vector<AddedToken> tokens_;
    ByteTrie trie_;
    ByteTrie::Node root_;
    std::array<bool, 256> is_first_{};
    std::string first_bytes_;
};

}  // namespace kaygraph::models::detail
