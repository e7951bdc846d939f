#pragma once

#include <kaygraph/files/file_system.hpp>
#include <kaygraph/files/text_inputs.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace kaygraph::detail {

/// Plain files that are read again and again: at most so many are open, the least recently used one goes.
/// Those in use stay open until their users let them go.
class OpenFiles {
public:
    OpenFiles(FileSystem& files, std::size_t most) : files_(files), most_(most) {}

    /// @throws IoError where the file has changed since it was listed.
    std::shared_ptr<File> get(std::uint32_t index, const TextInput& input);

private:
    using Entry = std::pair<std::uint32_t, std::shared_ptr<File>>;

    FileSystem& files_;
    std::size_t most_;
    std::mutex mutex_;
    std::list<Entry> by_use_;  // the last used first
    std::unordered_map<std::uint32_t, std::list<Entry>::iterator> by_index_;
};

}  // namespace kaygraph::detail
