#include <kaygraph/base/outcome.hpp>

namespace kaygraph {
namespace {

/// what() of an exception, which may be no text at all.
std::string text_of(const std::exception& error) {
    const char* text = error.what();
    return text == nullptr ? "an exception whose what() is null" : text;
}

}  // namespace

void Failure::raise() const {
    if (cause) {
        std::rethrow_exception(cause);
    }
    if (types.empty()) {
        throw NodeError(code, message, {.item = item});
    }
    raise_again(code, message, types, {.item = item});
}

Failure describe(std::exception_ptr error) {
    Failure failure;
    failure.types = ErrorTypes{error};
    try {
        std::rethrow_exception(error);
    } catch (const Error& known) {
        failure.code = known.code();
        failure.message = text_of(known);
    } catch (const std::exception& foreign) {
        failure.message = text_of(foreign);
    } catch (...) {
        failure.message = "an exception that is not a std::exception";
    }
    failure.cause = std::move(error);
    return failure;
}

}  // namespace kaygraph
