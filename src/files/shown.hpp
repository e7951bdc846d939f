#pragma once

#include <kaygraph/base/export.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace kaygraph::detail {

/// Returns the beginning of bytes from a file in quotes, fit for a message: what is not printable ASCII is
/// escaped, so that a hostile file cannot write to a terminal.
[[nodiscard]] KAYGRAPH_EXPORT std::string shown(std::string_view bytes, std::size_t most = 60);

}  // namespace kaygraph::detail
