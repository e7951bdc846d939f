#pragma once

#include <kaygraph/files/file_system.hpp>

#include <string>

namespace kaygraph::jobs::detail {

/// Writing over what is read would lose it.
/// @throws ArgumentError where `out`, or the file `out`.part that it is made in, is the file `input`.
void refuse_output_that_is(const FileStatus& input, const std::string& out, FileSystem& files);

/// The same for a file by its path, which need not exist.
void refuse_output_that_is(const std::string& input, const std::string& out, FileSystem& files);

}  // namespace kaygraph::jobs::detail
