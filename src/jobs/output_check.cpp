#include "jobs/output_check.hpp"

#include <kaygraph/base/error.hpp>

namespace kaygraph::jobs::detail {

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
