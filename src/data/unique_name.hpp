#pragma once

#include <kaygraph/files/file_system.hpp>

#include <string>

namespace kaygraph::detail {

/// Returns a name for a file of passage that no other thread, process or node takes: ".HOST.PROCESS.TIME.COUNT.part".
[[nodiscard]] std::string unique_name();

/// Removes a file while an error is on its way.
void remove_quietly(FileSystem& files, const std::string& path) noexcept;

}  // namespace kaygraph::detail
