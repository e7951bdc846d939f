#include "files/json_lines.hpp"

#include "files/json_bytes.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

namespace kaygraph::detail {
namespace {

/// Takes every event of the parser.
struct Anything {
    using Json = nlohmann::json;

    static bool null() { return true; }
    static bool boolean(bool /*value*/) { return true; }
    static bool number_integer(std::int64_t /*number*/) { return true; }
    static bool number_unsigned(std::uint64_t /*number*/) { return true; }
    static bool number_float(double /*number*/, const std::string& /*text*/) { return true; }
    static bool string(std::string& /*text*/) { return true; }
    static bool binary(Json::binary_t& /*bytes*/) { return false; }
    static bool start_object(std::size_t /*n*/) { return true; }
    static bool end_object() { return true; }
    static bool start_array(std::size_t /*n*/) { return true; }
    static bool end_array() { return true; }
    static bool key(const std::string& /*text*/) { return true; }
    static bool parse_error(
        std::size_t /*position*/,
        const std::string& /*last_token*/,
        const nlohmann::detail::exception& /*error*/
    ) {
        return false;
    }
};

bool is_json(std::string_view line) {
    if (line.find('\0') != std::string_view::npos) {  // the parser would take it for the end
        return false;
    }
    JsonBytes bytes{line};
    Anything anything;
    return nlohmann::json::sax_parse(bytes.begin(), bytes.end(), &anything);
}

}  // namespace

FirstLine judge_first_line(std::string_view start, bool is_all) {
    if (start.substr(0, 3) == "\xef\xbb\xbf") {
        start.remove_prefix(3);
    }
    start.remove_prefix(std::min(start.find_first_not_of(" \t\r\n"), start.size()));
    if (start.empty() || (start.front() != '{' && start.front() != '[')) {
        return FirstLine::text;
    }
    const std::size_t end = start.find('\n');
    const bool is_complete = is_all || end != std::string_view::npos;
    const bool is_object = start.front() == '{' && (!is_complete || is_json(start.substr(0, end)));
    return is_object ? FirstLine::json_object : FirstLine::other_json;
}

}  // namespace kaygraph::detail
