#include "jobs/rejects.hpp"

#include <kaygraph/base/json_text.hpp>

#include <span>

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
    files.remove(path + ".part");
    if (lines.empty()) {
        files.remove(path);
        return;
    }
    const std::unique_ptr<File> list = files.open(path + ".part", OpenMode::create);
    std::uint64_t offset = 0;
    for (const auto& [row, line] : lines) {
        const std::string text = line + "\n";
        list->write_at(offset, std::as_bytes(std::span{text.data(), text.size()}));
        offset += text.size();
    }
    list->sync();
    list->close();
    files.rename(path + ".part", path);
    files.sync_directory(folder);
}

}  // namespace kaygraph::jobs::detail
