#pragma once

#include <string>

namespace kaygraph::detail {

/// Throws an IoError (io) for the errno of a call that failed: "cannot <what>: <reason>", with the file.
[[noreturn]] void raise_io(const std::string& what, const std::string& path, int error_number);

}  // namespace kaygraph::detail
