#include "files/shown.hpp"

#include <array>

namespace kaygraph::detail {

std::string shown(std::string_view bytes, std::size_t most) {
    constexpr std::array<char, 17> digits{"0123456789abcdef"};
    std::string text = "'";
    for (const char c : bytes.substr(0, most)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            text += c;
        } else {
            text += "\\x";
            text += digits[byte >> 4U];
            text += digits[byte & 15U];
        }
    }
    return text + (bytes.size() > most ? "…'" : "'");
}

}  // namespace kaygraph::detail
