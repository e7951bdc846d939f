// Any bytes as the rules of SentencePiece, up to the text behind the last NUL: refused, or a text of theirs, the same
// again.
#include "models/charsmap.hpp"

#include <kaygraph/kernels/scan.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string normalized(const kaygraph::models::detail::Charsmap& rules, std::string_view text) {
    std::string result;
    while (!text.empty() && result.size() < 1'000'000) {
        rules.append_first(text, result);
    }
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kaygraph::models::detail;  // NOLINT(google-build-using-namespace)
    const std::vector<char> bytes(data, data + size);
    const std::string_view all{bytes.data(), bytes.size()};
    const std::size_t end = all.rfind('\0');
    const std::size_t n = end == std::string_view::npos ? all.size() : end + 1;
    (void)decode_base64(all);
    const auto rules = Charsmap::parse(all.substr(0, n));
    if (!rules) {
        return 0;
    }
    const std::string_view text = all.substr(n);
    const std::string result = normalized(*rules, text);
    const auto is_utf8 = [](std::string_view of) {
        return kaygraph::kernels::first_invalid_utf8(of) == of.size();
    };
    const std::string some = normalized(*rules, "e\u0301\u00ad\r\n\ufb01 \u6f22");
    if (result != normalized(*rules, text) || (is_utf8(text) && !is_utf8(result))
        || !is_utf8(some)) {
        __builtin_trap();
    }
    return 0;
}
