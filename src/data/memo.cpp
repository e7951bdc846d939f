#include <kaygraph/data/memo.hpp>

namespace kaygraph::detail {

KeptResults::KeptResults(const std::string& directory) {
    if (!directory.empty()) {
        values_.emplace(directory);
    }
}

}  // namespace kaygraph::detail
