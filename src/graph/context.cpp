#include <kaygraph/graph/context.hpp>

#include <string>

namespace kaygraph {
namespace {

const Settings no_settings;

}  // namespace

const Params& Context::params() const noexcept {
    return visit_.params == nullptr ? no_settings : *visit_.params;
}

const Config& Context::config() const noexcept {
    return visit_.config == nullptr ? no_settings : *visit_.config;
}

const Log& Context::log() const noexcept {
    static const Log none;
    return visit_.log == nullptr ? none : *visit_.log;
}

void Context::throw_if_stopped() const {
    if (stop_requested()) {
        throw Stopped("the run was asked to stop", {.node = std::string{visit_.node}});
    }
}

}  // namespace kaygraph
