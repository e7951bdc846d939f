#pragma once

#include <string>

namespace kaygraph::detail {

/// Returns a name for a file of passage that no other thread, process or node takes: ".HOST.PROCESS.TIME.COUNT.part".
[[nodiscard]] std::string unique_name();

}  // namespace kaygraph::detail
