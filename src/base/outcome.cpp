#include <kaygraph/base/outcome.hpp>

namespace kaygraph {

void Failure::raise() const {
    if (cause) {
        std::rethrow_exception(cause);
    }
    throw NodeError(code, message, {.item = item});
}

Failure describe(std::exception_ptr error) {
    Failure failure;
    try {
        std::rethrow_exception(error);
    } catch (const Error& known) {
        failure.code = known.code();
        failure.message = known.what();
    } catch (const std::exception& foreign) {
        failure.message = foreign.what();
    } catch (...) {
        failure.message = "an exception that is not a std::exception";
    }
    failure.cause = std::move(error);
    return failure;
}

}  // namespace kaygraph
