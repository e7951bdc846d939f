#include "support/catch_log.hpp"

#include <algorithm>

namespace kaygraph::test {

CatchLog::CatchLog()
    : lines_(std::make_shared<std::vector<std::string>>()),
      log_([lines = lines_](const LogRecord& record) {
          lines->push_back(std::string{record.node} + ": " + std::string{record.text});
      }) {}

std::size_t CatchLog::count(const std::string& text) const {
    return static_cast<std::size_t>(std::count_if(
        lines_->begin(),
        lines_->end(),
        [&](const std::string& line) { return line.find(text) != std::string::npos; }
    ));
}

}  // namespace kaygraph::test
