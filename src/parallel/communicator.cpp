#include <kaygraph/parallel/communicator.hpp>

namespace kaygraph {

std::string_view to_string(ThreadLevel level) noexcept {
    switch (level) {
        case ThreadLevel::single:
            return "SINGLE";
        case ThreadLevel::funneled:
            return "FUNNELED";
        case ThreadLevel::serialized:
            return "SERIALIZED";
        case ThreadLevel::multiple:
            return "MULTIPLE";
    }
    return "";
}

}  // namespace kaygraph
