#include <kaygraph/base/check.hpp>
#include <kaygraph/base/error.hpp>
#include <kaygraph/version.hpp>

#include <utility>

namespace kaygraph {
namespace {

std::string place_of(const ErrorContext& context) {
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
    return place.empty() ? place : place + "]";
}

template <class E>
[[noreturn]] void raise_as(
    ErrorCode code,
    const std::string& message,
    const ErrorContext& context
) {
    if constexpr (std::is_constructible_v<E, ErrorCode, std::string, ErrorContext>) {
        throw E(code, message, context);
    } else {
        throw E(message, context);
    }
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
    : std::runtime_error(message + place_of(context)),
      code_(code),
      context_(std::make_shared<const ErrorContext>(std::move(context))) {}

Error::Error(ErrorCode code, const Whole& whole, ErrorContext context)
    : std::runtime_error(whole.text),
      code_(code),
      context_(std::make_shared<const ErrorContext>(std::move(context))) {}

OpaqueError::OpaqueError(
    ErrorCode code,
    const std::string& text,
    ErrorTypes types,
    ErrorContext context
)
    : Error(code, Whole{text}, std::move(context)),
      types_(std::make_shared<const ErrorTypes>(std::move(types))) {}

ArgumentError::ArgumentError(const std::string& message, ErrorContext context)
    : Error(ErrorCode::invalid_argument, message, std::move(context)) {}

Stopped::Stopped(const std::string& message, ErrorContext context)
    : Error(ErrorCode::stopped, message, std::move(context)) {}

InternalError::InternalError(const std::string& message, ErrorContext context)
    : Error(ErrorCode::internal, message, std::move(context)) {}

void raise_again(
    ErrorCode code,
    const std::string& text,
    const ErrorTypes& types,
    const ErrorContext& context
) {
    const std::string place = place_of(context);
    const bool has_place = text.ends_with(place);  // not where it was cut
    const std::string message = has_place ? text.substr(0, text.size() - place.size()) : text;
    const auto raise_if = [&]<class... E>(std::type_identity<E>... /*classes*/) {
        (
            [&] {
                if (types.is_exactly(typeid(E))) {
                    raise_as<E>(code, message, has_place ? context : ErrorContext{});
                }
            }(),
            ...
        );
    };
    raise_if(
        std::type_identity<Error>{},
        std::type_identity<ArgumentError>{},
        std::type_identity<GraphError>{},
        std::type_identity<StoreError>{},
        std::type_identity<FormatError>{},
        std::type_identity<IoError>{},
        std::type_identity<NodeError>{},
        std::type_identity<Stopped>{},
        std::type_identity<InternalError>{}
    );
    throw OpaqueError(code, text, types, context);
}

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
