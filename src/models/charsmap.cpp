#include "models/charsmap.hpp"

#include "models/code_points.hpp"
#include "models/later_ranges.hpp"

#include <kaygraph/kernels/scan.hpp>

#include <utf8proc.h>

#include <cstring>
#include <utility>

namespace kaygraph::models::detail {
namespace {

/// A unit of a double-array trie.
struct Unit {
    std::uint32_t bits;

    [[nodiscard]] bool has_leaf() const noexcept { return (bits >> 8U & 1U) == 1; }
    [[nodiscard]] std::uint32_t value() const noexcept { return bits & 0x7FFFFFFFU; }
    [[nodiscard]] std::uint32_t label() const noexcept { return bits & 0x800000FFU; }
    [[nodiscard]] std::uint32_t offset() const noexcept {
        return (bits >> 10U) << ((bits & 0x200U) >> 6U);
    }
};

bool is_ascii(char byte) noexcept {
    return static_cast<signed char>(byte) >= 0;
}

/// Returns how many bytes the grapheme takes that a text starts with.
std::size_t length_of_grapheme(std::string_view text) noexcept {
    const bool is_line_end = text.substr(0, 2) == "\r\n";
    if (text.size() < 2 || (is_ascii(text[0]) && is_ascii(text[1]) && !is_line_end)) {
        return 1;
    }
    std::string_view rest = text;
    auto before = static_cast<utf8proc_int32_t>(take_code_point(rest));
    for (utf8proc_int32_t state = 0; !rest.empty();) {
        std::string_view after = rest;
        constexpr utf8proc_int32_t an_extender = 0x300;
        const char32_t point = take_code_point(after);
        const auto next =
            contains(later_extenders, point) ? an_extender : static_cast<utf8proc_int32_t>(point);
        if (contains(reserved_controls, static_cast<char32_t>(before))
            || utf8proc_grapheme_break_stateful(before, next, &state)) {
            break;
        }
        before = next;
        rest = after;
    }
    return text.size() - rest.size();
}

}  // namespace

std::optional<Charsmap> Charsmap::parse(std::string_view bytes) {
    std::uint32_t trie_bytes = 0;
    if (bytes.size() < sizeof(trie_bytes)) {
        return {};
    }
    std::memcpy(&trie_bytes, bytes.data(), sizeof(trie_bytes));
    bytes.remove_prefix(sizeof(trie_bytes));
    const std::size_t n_units = trie_bytes / sizeof(std::uint32_t);
    if (n_units == 0 || n_units * sizeof(std::uint32_t) > bytes.size()) {
        return {};
    }
    Charsmap map;
    map.units_.resize(n_units);
    std::memcpy(map.units_.data(), bytes.data(), n_units * sizeof(std::uint32_t));
    map.replacements_ = bytes.substr(n_units * sizeof(std::uint32_t));
    if (kernels::first_invalid_utf8(map.replacements_) != map.replacements_.size()) {
        return {};
    }
    return map;
}

/// Returns what stands for the shortest beginning of a text that has a rule.
std::optional<std::string_view> Charsmap::find(std::string_view text) const noexcept {
    std::size_t at = Unit{units_[0]}.offset();
    for (const char byte : text) {
        const auto label = static_cast<unsigned char>(byte);
        at ^= label;
        if (byte == '\0' || at >= units_.size()) {
            return {};
        }
        const Unit unit{units_[at]};
        if (unit.label() != label) {
            return {};
        }
        at ^= unit.offset();
        if (at >= units_.size()) {
            return {};
        }
        if (unit.has_leaf()) {
            const std::size_t first = Unit{units_[at]}.value();
            if (first > replacements_.size()) {
                return {};
            }
            const std::string_view found = std::string_view{replacements_}.substr(first);
            constexpr unsigned continues = 0x80;
            if (!found.empty() && (static_cast<unsigned char>(found[0]) & 0xC0U) == continues) {
                return {};
            }
            return found.substr(0, found.find('\0'));
        }
    }
    return {};
}

void Charsmap::append_grapheme(std::string_view grapheme, std::string& normalized) const {
    constexpr std::size_t first_long = 6;
    if (grapheme.size() < first_long) {
        if (const auto found = find(grapheme)) {
            normalized += *found;
            return;
        }
    }
    while (!grapheme.empty()) {
        std::string_view rest = grapheme;
        take_code_point(rest);
        const std::string_view character = grapheme.substr(0, grapheme.size() - rest.size());
        normalized += find(character).value_or(character);
        grapheme = rest;
    }
}

void Charsmap::append_first(std::string_view& text, std::string& normalized) const {
    const std::size_t length = length_of_grapheme(text);
    append_grapheme(text.substr(0, length), normalized);
    text.remove_prefix(length);
}

std::optional<std::string> decode_base64(std::string_view text) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0) {
        return {};
    }
    const std::size_t n_padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    text.remove_suffix(n_padding);
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned n_bits = 0;
    for (const char c : text) {
        const std::size_t digit = digits.find(c);
        if (digit == std::string_view::npos) {
            return {};
        }
        bits = bits << 6U | static_cast<std::uint32_t>(digit);
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            bytes.push_back(static_cast<char>(bits >> n_bits & 0xFFU));
        }
    }
    return bytes;
}

}  // namespace kaygraph::models::detail
