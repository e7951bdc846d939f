#pragma once

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/file_system.hpp>

#include <string>
#include <string_view>

/// @file
/// Small files that are there whole or not at all.
/// @par MPI Local.
/// @par Threads Any thread; one a path.

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// Writes a file by way of `wanted_part`, or PATH.part where that is empty, which gets its name when it is on the device, and puts the name there, too.
/// @throws IoError; what had the name then still has it, or the new file has.
KAYGRAPH_EXPORT void replace_file(
    FileSystem& files,
    const std::string& path,
    std::string_view text,
    const std::string& wanted_part = {}
);

}  // namespace kaygraph

#pragma GCC visibility pop
