#include <kaygraph/parallel/agreement.hpp>
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

void Communicator::note_failure(const RankFailure& failure) {
    last_failure_ = std::make_shared<const RankFailure>(failure);
}

}  // namespace kaygraph
