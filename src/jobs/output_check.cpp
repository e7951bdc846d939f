#include "jobs/output_check.hpp"

#include <kaygraph/base/error.hpp>

#include <filesystem>
#include <system_error>

namespace kaygraph::jobs::detail {

void refuse_special_output(const std::string& out, FileSystem& files) {
    std::error_code error;
    if (std::filesystem::is_symlink(out, error)) {
        const std::filesystem::path target = std::filesystem::read_symlink(out, error);
        throw ArgumentError(
            "the output is a link: name the file itself, " + target.string(), {.file = out}
        );
    }
    const auto status = files.status(out);
    if (status && !status->is_regular) {
        throw ArgumentError(
            status->is_directory ? "the output is a directory: name a file in it"
                                 : "the output is a device or a pipe: name a plain file",
            {.file = out}
        );
    }
}

void refuse_output_that_is(const FileStatus& input, const std::string& out, FileSystem& files) {
    for (const std::string& path : {out, out + ".part"}) {
        const auto output = files.status(path);
        if (output && output->device == input.device && output->inode == input.inode) {
            throw ArgumentError(
                "the output is also an input: write to another file", {.file = path}
            );
        }
    }
}

void refuse_output_that_is(const std::string& input, const std::string& out, FileSystem& files) {
    if (const auto status = files.status(input)) {
        refuse_output_that_is(*status, out, files);
    }
}

}  // namespace kaygraph::jobs::detail
