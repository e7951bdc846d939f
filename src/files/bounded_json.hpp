#pragma once

#include <kaygraph/base/export.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kaygraph::detail {

/// What a document from a file may be at most.
struct JsonLimits {
    std::size_t depth = 64;
    std::size_t number_bytes = 64;
    std::size_t values = SIZE_MAX;  ///< objects, arrays, strings, numbers, literals
};

/// Parses one JSON document. Two equal keys in an object, invalid UTF-8 and what passes the limits are errors.
/// `begin` is where the text stands in its file.
/// @throws FormatError with the file and about where in it.
[[nodiscard]] KAYGRAPH_EXPORT nlohmann::json parse_bounded_json(
    std::string_view text,
    const std::string& file,
    std::uint64_t begin = 0,
    const JsonLimits& limits = {}
);

}  // namespace kaygraph::detail
