#pragma once

#include <cstdint>
#include <string>

namespace kaygraph::detail {

/// Three digits and a unit that suits: "1.25 ms".
[[nodiscard]] std::string with_seconds(double seconds);
/// "1.25 GB", by thousands.
[[nodiscard]] std::string with_bytes(std::uint64_t bytes);
/// "12,345,678".
[[nodiscard]] std::string with_commas(std::uint64_t number);

}  // namespace kaygraph::detail
