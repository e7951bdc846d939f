#pragma once

#include <kaygraph/base/log.hpp>

#include <memory>
#include <string>
#include <vector>

namespace kaygraph::test {

/// Keeps what the library logs.
class CatchLog {
public:
    CatchLog();

    [[nodiscard]] const Log& log() const noexcept { return log_; }
    /// Returns the records as "node: text".
    [[nodiscard]] const std::vector<std::string>& lines() const noexcept { return *lines_; }
    /// Returns how many records hold a text.
    [[nodiscard]] std::size_t count(const std::string& text) const;

private:
    std::shared_ptr<std::vector<std::string>> lines_;
    Log log_;
};

}  // namespace kaygraph::test
