// What is taken out of a line must be what a full parser finds there.
#include <kaygraph/base/error.hpp>
#include <kaygraph/files/json_field.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

void check(bool is_right) {
    if (!is_right) {
        __builtin_trap();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kaygraph;
    const std::string_view line{reinterpret_cast<const char*>(data), size};
    const std::string file = "fuzzed";
    const JsonField flat{"t", "i"};
    const JsonField nested{"a.t"};
    std::string storage;
    try {
        const std::string_view text = flat.text(line, storage, file, 0);
        check(nlohmann::json::parse(line).at("t").get<std::string>() == text);
    } catch (const FormatError& error) {
        check(error.context().offset <= static_cast<std::int64_t>(size));
    }
    try {
        const std::string_view text = nested.text(line, storage, file, 0);
        check(nlohmann::json::parse(line).at("a").at("t").get<std::string>() == text);
    } catch (const FormatError&) {
    }
    try {
        const nlohmann::json id = nlohmann::json::parse(flat.id(line, file, 0));
        check(id == nlohmann::json::parse(line).at("i"));
    } catch (const FormatError&) {
    }
    return 0;
}
