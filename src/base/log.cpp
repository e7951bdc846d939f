#include <kaygraph/base/log.hpp>

#include <utility>

namespace kaygraph {

Log::Log(LogSink sink) {
    if (sink) {
        shared_ = std::make_shared<Shared>();
        shared_->sink = std::move(sink);
    }
}

void Log::write(LogLevel level, std::string_view node, std::string_view text) const noexcept {
    if (!shared_) {
        return;
    }
    try {
        const std::lock_guard lock{shared_->mutex};
        shared_->sink({.level = level, .node = node, .text = text});
    } catch (...) {  // NOLINT(bugprone-empty-catch): telling of a problem may not become one
    }
}

void Log::warn(std::string_view node, std::string_view text) const noexcept {
    write(LogLevel::warning, node, text);
}

}  // namespace kaygraph
