#include "kernels/kernel_table.hpp"

#include <kaygraph/base/utf8.hpp>
#include <kaygraph/kernels/scan.hpp>

namespace kaygraph::kernels {

std::size_t first_invalid_utf8(std::string_view text, SimdLevel level) {
    const detail::KernelTable& kernels = detail::kernels_of(level);
    std::size_t at = 0;
    while (at < text.size()) {
        at += kernels.ascii_prefix(text.data() + at, text.size() - at);
        while (at < text.size() && static_cast<signed char>(text[at]) < 0) {
            const std::size_t length = utf8_sequence_at(text, at);
            if (length == 0) {
                return at;
            }
            at += length;
        }
    }
    return at;
}

}  // namespace kaygraph::kernels
