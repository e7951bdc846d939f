#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

/// @file
/// JSON of files that nobody vouches for. Private: no user of the library needs nlohmann-json.

namespace kaygraph::detail {

/// Parses a document: nesting of at most 64, numbers of at most 64 characters, no key twice in an object, valid UTF-8,
/// nothing behind it. `offset` is where the text begins in its file.
/// @throws FormatError with file and offset.
nlohmann::json parse_json(std::string_view text, const std::string& file, std::size_t offset = 0);

/// The same for a file's bytes.
inline nlohmann::json parse_json(std::span<const std::byte> bytes, const std::string& file) {
    return parse_json(
        std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file
    );
}

}  // namespace kaygraph::detail
