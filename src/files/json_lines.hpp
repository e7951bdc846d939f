#pragma once

#include <cstdint>
#include <string_view>

namespace kaygraph::detail {

/// What the first line that is not empty looks like.
enum class FirstLine : std::uint8_t {
    text,
    json_object,
    other_json,  ///< the start of a list, or of an object that does not end in its line
};

/// Judges the start of a file; `is_all`: it is the whole file. A line that goes on beyond it is taken for what it begins
/// like.
/// @par Threads Any thread.
[[nodiscard]] FirstLine judge_first_line(std::string_view start, bool is_all);

}  // namespace kaygraph::detail
