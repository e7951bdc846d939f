#pragma once

#include <kaygraph/base/export.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

/// @file
/// Where warnings go. The library prints nothing: it hands records to a callback, by default to none.

#pragma GCC visibility push(hidden)

namespace kaygraph {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// One thing worth telling. The views live as long as the call.
struct LogRecord {
    LogLevel level = LogLevel::info;
    std::string_view node;  ///< path of the node it is about; may be empty
    std::string_view text;
};

/// Receives records, one at a time per Log. It must not throw; what it throws is dropped. It must not
/// write to its own Log, which waits for it.
using LogSink = std::function<void(const LogRecord&)>;

/// A cheap handle on a sink; copies share it. Without a sink every call is a no-op.
/// @par MPI Local.
/// @par Threads Any thread; calls of the sink are serialised.
class KAYGRAPH_EXPORT Log {
public:
    Log() = default;
    explicit Log(LogSink sink);

    void write(LogLevel level, std::string_view node, std::string_view text) const noexcept;
    void warn(std::string_view node, std::string_view text) const noexcept;

    [[nodiscard]] explicit operator bool() const noexcept { return shared_ != nullptr; }

private:
    struct Shared {
        LogSink sink;
        std::mutex mutex;
    };
    std::shared_ptr<Shared> shared_;
};

}  // namespace kaygraph

#pragma GCC visibility pop
