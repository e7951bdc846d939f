#include "kernels/kernel_table.hpp"

#include <kaygraph/kernels/scan.hpp>

namespace kaygraph::kernels {
namespace {

/// Returns the length of the well-formed sequence at a place that holds no ASCII byte, 0 where there is none.
/// Source: the table "Well-Formed UTF-8 Byte Sequences" of the Unicode Standard, 3-7.
std::size_t sequence_at(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0xC2U || first > 0xF4U) {
        return 0;
    }
    const std::size_t length = first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
    // what the second byte may be: no shorter forms, no surrogates, nothing beyond U+10FFFF
    const unsigned least = first == 0xE0U ? 0xA0U : first == 0xF0U ? 0x90U : 0x80U;
    const unsigned most = first == 0xEDU ? 0x9FU : first == 0xF4U ? 0x8FU : 0xBFU;
    bool is_sound = byte(1) >= least && byte(1) <= most;
    for (std::size_t i = 2; i < length; ++i) {
        is_sound = is_sound && (byte(i) & 0xC0U) == 0x80U;
    }
    return is_sound ? length : 0;
}

}  // namespace

std::size_t first_invalid_utf8(std::string_view text, SimdLevel level) {
    const detail::KernelTable& kernels = detail::kernels_of(level);
    std::size_t at = 0;
    while (at < text.size()) {
        at += kernels.ascii_prefix(text.data() + at, text.size() - at);
        while (at < text.size() && static_cast<signed char>(text[at]) < 0) {
            const std::size_t length = sequence_at(text, at);
            if (length == 0) {
                return at;
            }
            at += length;
        }
    }
    return at;
}

}  // namespace kaygraph::kernels
