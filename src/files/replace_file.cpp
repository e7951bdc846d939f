#include <kaygraph/files/replace_file.hpp>

#include <memory>
#include <span>

namespace kaygraph {

void replace_file(
    FileSystem& files,
    const std::string& path,
    std::string_view text,
    const std::string& wanted_part
) {
    const std::string part = wanted_part.empty() ? path + ".part" : wanted_part;
    files.remove(part);
    const std::unique_ptr<File> file = files.open(part, OpenMode::create);
    file->write_at(0, std::as_bytes(std::span{text.data(), text.size()}));
    file->sync();
    file->close();
    files.rename(part, path);
    files.sync_directory(directory_of(path));
}

}  // namespace kaygraph
