#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace command {

/// Returns " (did you mean 'threads'?)" where one of the known words is near a misspelt one, else nothing.
[[nodiscard]] std::string did_you_mean(
    std::string_view word,
    const std::vector<std::string>& known
);

}  // namespace command
