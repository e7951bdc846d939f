// Attacks metrics.json, and the page that is made of it.
#include <kaygraph/base/error.hpp>
#include <kaygraph/metrics/report_html.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    try {
        const kaygraph::RunDocument document = kaygraph::parse_run_document(text, "metrics.json");
        if (kaygraph::to_html(document).empty() || kaygraph::to_prometheus(document).empty()) {
            return 1;
        }
        // what was read is written as it was read
        const std::string again = kaygraph::to_json(document);
        static_cast<void>(kaygraph::parse_run_document(again, "again"));
    } catch (const kaygraph::FormatError&) {
    }
    return 0;
}
