#pragma once

#include <kaygraph/base/export.hpp>

#include <string>
#include <string_view>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Returns a text as a JSON string, quotes included. Control characters are escaped, and a byte that does
/// not belong to well-formed UTF-8 is written as the code point of its value, so that the result is JSON
/// whatever the bytes.
/// @par MPI Local.
/// @par Threads Any thread.
[[nodiscard]] KAYGRAPH_EXPORT std::string json_quoted(std::string_view text);

}  // namespace kaygraph

#pragma GCC visibility pop
