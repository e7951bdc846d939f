#include "models/wordpiece.hpp"

#include "files/shown.hpp"
#include "models/code_points.hpp"

#include <kaygraph/base/error.hpp>

namespace kaygraph::models::detail {

WordPiece::WordPiece(std::size_t expected_bytes)
    : trie_(expected_bytes), words_(trie_.add_root()), continuing_(trie_.add_root()) {}

bool WordPiece::add(std::string_view token, std::string_view continuing_prefix, std::uint32_t id) {
    if (!trie_.add(words_, token, id)) {
        return false;
    }
    // A token that is the prefix alone continues nothing.
    const bool is_continuing = token.size() > continuing_prefix.size()
                               && token.substr(0, continuing_prefix.size()) == continuing_prefix;
    return !is_continuing || trie_.add(continuing_, token.substr(continuing_prefix.size()), id);
}

bool WordPiece::cut_known(std::string_view word, std::vector<std::uint32_t>& ids) const {
    const std::size_t n_before = ids.size();
    const bool is_short = word.size() <= options_.max_word_length
                          || count_code_points(word) <= options_.max_word_length;
    ByteTrie::Node root = words_;
    while (is_short && !word.empty()) {
        const ByteTrie::Match match = trie_.longest(root, word);
        if (match.length == 0) {
            break;
        }
        ids.push_back(match.id);
        word.remove_prefix(match.length);
        root = continuing_;
    }
    if (!word.empty()) {
        ids.resize(n_before);
    }
    return word.empty();
}

void WordPiece::cut(std::string_view word, std::vector<std::uint32_t>& ids) const {
    if (cut_known(word, ids)) {
        return;
    }
    if (options_.unknown_id == ByteTrie::no_id) {
        throw FormatError(
            ErrorCode::malformed,
            "expected a text of words that the tokenizer knows, as its unk_token is not in the "
            "vocabulary, found "
                + kaygraph::detail::shown(word)
        );
    }
    ids.push_back(options_.unknown_id);
}

}  // namespace kaygraph::models::detail
