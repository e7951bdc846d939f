#include "files/open_files.hpp"

#include "files/byte_stream.hpp"

namespace kaygraph::detail {

std::shared_ptr<File> OpenFiles::get(std::uint32_t index, const TextInput& input) {
    const std::lock_guard lock{mutex_};
    const auto found = by_index_.find(index);
    if (found != by_index_.end()) {
        by_use_.splice(by_use_.begin(), by_use_, found->second);
        return by_use_.front().second;
    }
    by_use_.emplace_front(index, open_unchanged(input, files_));
    by_index_[index] = by_use_.begin();
    if (by_use_.size() > most_) {
        by_index_.erase(by_use_.back().first);
        by_use_.pop_back();
    }
    return by_use_.front().second;
}

}  // namespace kaygraph::detail
