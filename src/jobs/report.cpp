#include <kaygraph/base/error.hpp>
#include <kaygraph/jobs/report.hpp>

#include <algorithm>
#include <string_view>

namespace kaygraph::jobs {
namespace {

constexpr std::size_t most_rejects = 1000;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30U;  // of metrics.json
constexpr std::uint64_t most_rejected_bytes = 64'000'000;      // of rejects.jsonl

std::string read_whole(FileSystem& files, const std::string& path, std::uint64_t most) {
    const std::unique_ptr<File> file = files.open(path, OpenMode::read);
    std::string text(std::min(file->status().bytes, most), '\0');
    text.resize(file->read_at(0, std::as_writable_bytes(std::span{text.data(), text.size()})));
    return text;
}

}  // namespace

std::vector<RejectedItem> read_rejects(const std::string& directory, FileSystem& files) {
    std::vector<RejectedItem> items;
    const std::string path = directory + "/rejects.jsonl";
    if (!files.status(path)) {
        return items;
    }
    const std::string text = read_whole(files, path, most_rejected_bytes);
    std::string_view left = text;
    while (items.size() < most_rejects) {
        const std::size_t end = left.find('\n');
        if (end == std::string_view::npos) {
            break;
        }
        items.push_back(parse_rejected_item(left.substr(0, end), path));
        left.remove_prefix(end + 1);
    }
    return items;
}

RunPage read_run(const std::string& directory, FileSystem& files) {
    const std::string metrics = directory + "/metrics.json";
    if (!files.status(metrics)) {
        throw ArgumentError(
            "there is no metrics.json: a run writes it into OUT.run when it ends",
            {.file = directory}
        );
    }
    return {
        .document = parse_run_document(read_whole(files, metrics, most_bytes), metrics),
        .rejects = read_rejects(directory, files)};
}

}  // namespace kaygraph::jobs
