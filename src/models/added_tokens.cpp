#include "models/added_tokens.hpp"

#include "models/character_classes.hpp"
#include "models/code_points.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstring>

namespace kaygraph::models::detail {
namespace {

constexpr std::size_t expected_bytes = 256;

/// What \w of regular expressions means: Alphabetic, marks, decimal digits, connectors, Join_Control.
bool is_word_character(char32_t point) noexcept {
    const bool is_join_control = point == 0x200C || point == 0x200D;
    const bool is_circled_letter =
        (point >= 0x24B6 && point <= 0x24E9) || (point >= 0x1F130 && point <= 0x1F149)
        || (point >= 0x1F150 && point <= 0x1F169) || (point >= 0x1F170 && point <= 0x1F189);
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(point));
    return is_join_control || is_circled_letter
           || (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL)
           || category == UTF8PROC_CATEGORY_PC;
}

/// Returns where the last code point of a text that is not empty starts.
std::size_t start_of_last(std::string_view text) noexcept {
    std::size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && length_of_code_point(text[start]) == 1
           && static_cast<unsigned char>(text[start]) >= 0x80) {
        --start;
    }
    return start;
}

bool ends_in_word(std::string_view text) noexcept {
    if (text.empty()) {
        return false;
    }
    std::string_view last = text.substr(start_of_last(text));
    return is_word_character(take_code_point(last));
}

bool starts_with_word(std::string_view text) noexcept {
    return !text.empty() && is_word_character(take_code_point(text));
}

std::string_view white_space_before(std::string_view text) noexcept {
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t start = start_of_last(rest);
        std::string_view last = rest.substr(start);
        if (!is_white_space(take_code_point(last))) {
            break;
        }
        rest = rest.substr(0, start);
    }
    return text.substr(rest.size());
}

std::string_view white_space_after(std::string_view text) noexcept {
    std::string_view rest = text;
    while (!rest.empty()) {
        std::string_view after = rest;
        if (!is_white_space(take_code_point(after))) {
            break;
        }
        rest = after;
    }
    return text.substr(0, text.size() - rest.size());
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
