#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// What a post returns: the name of the edge to follow. No action, an empty string and "default" are
/// the same.
/// @par MPI Local.
/// @par Threads A value.
class Action {
public:
    Action() = default;
    Action(const char* name)  // NOLINT(google-explicit-constructor): a post returns "name"
        : Action(name == nullptr ? std::string{} : std::string{name}) {}
    Action(std::string_view name)  // NOLINT(google-explicit-constructor)
        : Action(std::string{name}) {}
    Action(std::string name)  // NOLINT(google-explicit-constructor)
        : name_(name == default_name ? std::string{} : std::move(name)) {}

    /// Returns the name, "default" for the default action.
    [[nodiscard]] std::string_view name() const noexcept {
        return name_.empty() ? default_name : std::string_view{name_};
    }
    [[nodiscard]] bool is_default() const noexcept { return name_.empty(); }

    friend bool operator==(const Action&, const Action&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Action& action) {
        return out << action.name();
    }

private:
    static constexpr std::string_view default_name = "default";
    std::string name_;  // empty: default
};

}  // namespace kaygraph

#pragma GCC visibility pop
