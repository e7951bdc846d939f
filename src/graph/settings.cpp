#include <kaygraph/base/decimal.hpp>
#include <kaygraph/graph/settings.hpp>

namespace kaygraph {
namespace {

std::string described(const Setting::Value& value) {
    struct Describe {
        std::string operator()(bool held) const {
            return held ? "the bool true" : "the bool false";
        }
        std::string operator()(std::int64_t held) const {
            return "the integer " + std::to_string(held);
        }
        std::string operator()(double held) const {
            return "the number " + short_decimal(held, 17);
        }
        std::string operator()(const std::string& held) const { return "the text '" + held + "'"; }
    };
    return std::visit(Describe{}, value);
}

}  // namespace

std::vector<std::string> Settings::names() const {
    std::vector<std::string> names;
    names.reserve(settings_.size());
    for (const auto& entry : settings_) {
        names.push_back(entry.first);
    }
    return names;
}

Settings Settings::overlaid_by(const Settings& top) const {
    Settings result = top;
    result.settings_.insert(settings_.begin(), settings_.end());  // what stands already, stays
    return result;
}

const Setting& Settings::find(std::string_view name) const {
    const auto found = settings_.find(name);
    if (found != settings_.end()) {
        return found->second;
    }
    std::string known;
    for (const auto& entry : settings_) {
        known += (known.empty() ? "" : ", ") + entry.first;
    }
    throw ArgumentError(
        "there is no setting '" + std::string{name} + "'; there "
        + (known.empty() ? "are none" : "are: " + known)
    );
}

void Settings::fail_type(std::string_view name, const Setting& setting, std::string_view wanted) {
    throw ArgumentError(
        "setting '" + std::string{name} + "' was asked for as " + std::string{wanted}
        + ", but it holds " + described(setting.value())
    );
}

}  // namespace kaygraph
