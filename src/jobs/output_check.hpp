#pragma once

#include <kaygraph/files/file_system.hpp>

#include <string>

namespace kaygraph::jobs::detail {

/// An output gets its name by a rename, which replaces whatever has that name.
/// @throws ArgumentError where that is no plain file: a directory, a device, a pipe, a link.
void refuse_special_output(const std::string& out, FileSystem& files);

/// Writing over what is read would lose it.
/// @throws ArgumentError where `out`, or the file `out`.part that it is made in, is the file `input`.
void refuse_output_that_is(const FileStatus& input, const std::string& out, FileSystem& files);

/// The same for a file by its path, which need not exist.
void refuse_output_that_is(const std::string& input, const std::string& out, FileSystem& files);

}  // namespace kaygraph::jobs::detail
