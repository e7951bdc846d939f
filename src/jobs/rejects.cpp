#include "jobs/rejects.hpp"

#include <kaygraph/base/json_text.hpp>
#include <kaygraph/files/replace_file.hpp>

namespace kaygraph::jobs::detail {
namespace {

constexpr std::size_t longest_excerpt = 200;

}  // namespace

RecordError::RecordError(
    const FormatError& why,
    std::uint64_t record_offset,
    std::string_view record
)
    : FormatError(why),
      record_offset_(record_offset),
      excerpt_(std::make_shared<const std::string>(record.substr(0, longest_excerpt))) {}

std::string reject_line(const Failure& failure) {
    std::string line = "{\"row\":" + std::to_string(failure.item);
    try {
        if (failure.cause) {
            std::rethrow_exception(failure.cause);
        }
    } catch (const RecordError& error) {
        line += ",\"file\":" + json_quoted(error.context().file)
                + ",\"offset\":" + std::to_string(error.record_offset());
        line += ",\"excerpt\":" + json_quoted(error.excerpt());
    } catch (...) {  // another error of the record: its text says where
    }
    return line + ",\"code\":" + json_quoted(to_string(failure.code))
           + ",\"attempts\":" + std::to_string(failure.attempts)
           + ",\"message\":" + json_quoted(failure.message) + "}";
}

void write_rejects(
    FileSystem& files,
    const std::string& folder,
    const std::map<std::uint64_t, std::string>& lines
) {
    const std::string path = folder + "/rejects.jsonl";
    if (lines.empty()) {
        files.remove(path + ".part");
        files.remove(path);
        return;
    }
    std::string text;
    for (const auto& [row, line] : lines) {
        text += line;
        text += '\n';
    }
    replace_file(files, path, text);
}

}  // namespace kaygraph::jobs::detail
