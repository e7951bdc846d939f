// What is taken out of a line must be what a full parser finds there. That one refuses numbers beyond double and escapes
// of half a surrogate pair.
#include <kaygraph/base/error.hpp>
#include <kaygraph/files/json_field.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace {

void check(bool is_right) {
    if (!is_right) {
        __builtin_trap();
    }
}

/// Parses a line; nothing where the full parser refuses what is JSON.
std::optional<nlohmann::json> whole(std::string_view line) {
    try {
        return nlohmann::json::parse(line);
    } catch (const nlohmann::json::out_of_range&) {
        return {};
    } catch (const nlohmann::json::parse_error& error) {
        check(std::string_view{error.what()}.find("surrogate") != std::string_view::npos);
        return {};
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
        const auto json = whole(line);
        check(!json || json->at("t").get<std::string>() == text);
    } catch (const FormatError& error) {
        check(error.context().offset <= static_cast<std::int64_t>(size));
    }
    try {
        const std::string_view text = nested.text(line, storage, file, 0);
        const auto json = whole(line);
        check(!json || json->at("a").at("t").get<std::string>() == text);
    } catch (const FormatError&) {
    }
    try {
        const auto id = whole(flat.id(line, file, 0));
        const auto json = whole(line);
        check(!id || !json || *id == json->at("i"));
    } catch (const FormatError&) {
    }
    return 0;
}
