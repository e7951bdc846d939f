#pragma once

#include <cstddef>
#include <string>

namespace kaygraph::models::detail {

/// A text on its way through normalizers.
struct NormalizedText {
    std::string text = {};
    /// How many bytes at its front come from the first character of the whole text: none where that was dropped, and of a
    /// piece that does not start the text.
    std::size_t from_start = 0;
};

}  // namespace kaygraph::models::detail
