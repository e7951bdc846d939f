#include <kaygraph/base/json_text.hpp>
#include <kaygraph/base/utf8.hpp>

#include <cstddef>

namespace kaygraph {
namespace {

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
        } else if (byte >= 0x80U && (length = utf8_sequence_at(text, 0)) != 0) {
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
