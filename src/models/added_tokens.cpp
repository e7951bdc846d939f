#include "models/added_tokens.hpp"

#include "models/character_classes.hpp"
#include "models/code_points.hpp"

#include <algorithm>
#include <cstring>

namespace kaygraph::models::detail {
namespace {

constexpr std::size_t expected_bytes = 256;

/// What \w means to the reference: joiners, too.
bool is_word(char32_t point) noexcept {
    const bool is_join_control = point == 0x200C || point == 0x200D;
    return is_join_control || is_word_character(point);
}

bool ends_in_word(std::string_view text) noexcept {
    if (text.empty()) {
        return false;
    }
    std::string_view last = text.substr(start_of_last(text));
    return is_word(take_code_point(last));
}

bool starts_with_word(std::string_view text) noexcept {
    return !text.empty() && is_word(take_code_point(text));
}

}  // namespace

AddedTokens::AddedTokens() : trie_(expected_bytes), root_(trie_.add_root()) {}

bool AddedTokens::add(const AddedToken& token, std::string_view pattern) {
    if (!trie_.add(root_, pattern, static_cast<std::uint32_t>(tokens_.size()))) {
        return false;
    }
    tokens_.push_back(token);
    const char first = pattern.front();
    if (first_bytes_.find(first) == std::string::npos) {
        first_bytes_.push_back(first);
        is_first_[static_cast<unsigned char>(first)] = true;
    }
    return true;
}

bool AddedTokens::may_be_in(std::string_view text) const noexcept {
    constexpr std::size_t few = 4;
    if (text.empty()) {
        return false;
    }
    if (first_bytes_.size() <= few) {
        return std::any_of(first_bytes_.begin(), first_bytes_.end(), [&](char byte) {
            return std::memchr(text.data(), byte, text.size()) != nullptr;
        });
    }
    return std::any_of(text.begin(), text.end(), [&](char byte) {
        return is_first_[static_cast<unsigned char>(byte)];
    });
}

void AddedTokens::split(std::string_view text, FunctionRef<void(const TextPart&)> give) const {
    std::size_t given = 0;  // all before it has been given
    std::size_t at = 0;
    while (at < text.size()) {
        const bool may_start = is_first_[static_cast<unsigned char>(text[at])];
        const ByteTrie::Match match =
            may_start ? trie_.longest(root_, text.substr(at)) : ByteTrie::Match{};
        if (match.length == 0) {
            ++at;
            continue;
        }
        const AddedToken& token = tokens_[match.id];
        std::size_t first = at;
        std::size_t last = at + match.length;
        at = last;
        if (token.single_word
            && (ends_in_word(text.substr(0, first)) || starts_with_word(text.substr(last)))) {
            continue;
        }
        if (token.lstrip) {
            first -= white_space_before(text.substr(given, first - given)).size();
        }
        if (token.rstrip) {
            last += white_space_after(text.substr(last)).size();
            at = last;
        }
        if (given < first) {
            give({text.substr(given, first - given), ByteTrie::no_id});
        }
        give({text.substr(first, last - first), token.id});
        given = last;
    }
    if (given < text.size()) {
        give({text.substr(given), ByteTrie::no_id});
    }
}

}  // namespace kaygraph::models::detail
