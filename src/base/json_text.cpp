#include <kaygraph/base/json_text.hpp>

#include <cstddef>
#include <cstdint>

namespace kaygraph {
namespace {

/// Returns the length of the well-formed UTF-8 sequence at the start of a text, or 0.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto continues = [&](std::size_t i) {
        return (byte(i) & 0xC0U) == 0x80U;
    };
    const unsigned first = byte(0);
    if (first >= 0xC2U && first <= 0xDFU) {
        return continues(1) ? 2 : 0;
    }
    if (first >= 0xE0U && first <= 0xEFU) {
        const bool is_overlong = first == 0xE0U && byte(1) < 0xA0U;
        const bool is_surrogate = first == 0xEDU && byte(1) >= 0xA0U;
        return continues(1) && continues(2) && !is_overlong && !is_surrogate ? 3 : 0;
    }
    if (first >= 0xF0U && first <= 0xF4U) {
        const bool is_overlong = first == 0xF0U && byte(1) < 0x90U;
        const bool is_too_large = first == 0xF4U && byte(1) >= 0x90U;
        return continues(1) && continues(2) && continues(3) && !is_overlong && !is_too_large ? 4
                                                                                             : 0;
    }
    return 0;
}

void append_escaped(std::string& out, unsigned byte) {
    constexpr char digits[] = "0123456789abcdef";  // NOLINT(modernize-avoid-c-arrays)
    out += "\\u00";
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
}

}  // namespace

std::string json_quoted(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        std::size_t length = 1;
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text.front();
        } else if (byte >= 0x20U && byte < 0x7FU) {
            out += text.front();
        } else if (byte >= 0x80U && (length = sequence_length(text)) != 0) {
            out += text.substr(0, length);
        } else {
            append_escaped(out, byte);
            length = 1;
        }
        text.remove_prefix(length);
    }
    return out + "\"";
}

}  // namespace kaygraph
