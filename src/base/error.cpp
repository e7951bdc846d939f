#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/version.hpp>

#include <utility>

namespace kaygraph {
namespace {

std::string with_place(const std::string& message, const ErrorContext& context) {
    std::string place;
    const auto add = [&place](const std::string& part) {
        place += place.empty() ? " [" : ", ";
        place += part;
    };
    if (!context.node.empty()) {
        add("node '" + context.node + "'");
    }
    if (context.item >= 0) {
        add("item " + std::to_string(context.item));
    }
    if (!context.file.empty()) {
        add("file '" + context.file + "'");
    }
    if (context.offset >= 0) {
        add("offset " + std::to_string(context.offset));
    }
    return place.empty() ? message : message + place + "]";
}

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::unknown:
            return "unknown";
        case ErrorCode::invalid_argument:
            return "invalid_argument";
        case ErrorCode::invalid_graph:
            return "invalid_graph";
        case ErrorCode::unknown_action:
            return "unknown_action";
        case ErrorCode::max_visits:
            return "max_visits";
        case ErrorCode::deadline:
            return "deadline";
        case ErrorCode::error_budget:
            return "error_budget";
        case ErrorCode::all_items_failed:
            return "all_items_failed";
        case ErrorCode::merge_conflict:
            return "merge_conflict";
        case ErrorCode::missing_key:
            return "missing_key";
        case ErrorCode::wrong_type:
            return "wrong_type";
        case ErrorCode::store_full:
            return "store_full";
        case ErrorCode::malformed:
            return "malformed";
        case ErrorCode::truncated:
            return "truncated";
        case ErrorCode::disagreement:
            return "disagreement";
        case ErrorCode::communication:
            return "communication";
        case ErrorCode::crashed:
            return "crashed";
        case ErrorCode::io:
            return "io";
        case ErrorCode::stopped:
            return "stopped";
        case ErrorCode::internal:
            return "internal";
    }
    return "unknown";
}

Error::Error(ErrorCode code, const std::string& message, ErrorContext context)
    : std::runtime_error(with_place(message, context)),
      code_(code),
      context_(std::make_shared<const ErrorContext>(std::move(context))) {}

ArgumentError::ArgumentError(const std::string& message, ErrorContext context)
    : Error(ErrorCode::invalid_argument, message, std::move(context)) {}

Stopped::Stopped(const std::string& message, ErrorContext context)
    : Error(ErrorCode::stopped, message, std::move(context)) {}

InternalError::InternalError(const std::string& message, ErrorContext context)
    : Error(ErrorCode::internal, message, std::move(context)) {}

namespace detail {

void assertion_failed(const char* expression, const char* explanation, const char* file, int line) {
    throw InternalError(
        std::string{"a promise of kaygraph was broken, please report it: "} + explanation + " ("
        + expression + ", " + file + ":" + std::to_string(line) + ", version "
        + std::string{version()} + ")"
    );
}

}  // namespace detail
}  // namespace kaygraph
