#include <kaygraph/version.hpp>

#define KAYGRAPH_TEXT_OF(x) #x
#define KAYGRAPH_TEXT(x) KAYGRAPH_TEXT_OF(x)

namespace kaygraph {

std::string_view version() noexcept {
    return KAYGRAPH_TEXT(KAYGRAPH_VERSION_MAJOR) "." KAYGRAPH_TEXT(KAYGRAPH_VERSION_MINOR
    ) "." KAYGRAPH_TEXT(KAYGRAPH_VERSION_PATCH);
}

}  // namespace kaygraph
