#pragma once

#include <kaygraph/base/error.hpp>
#include <kaygraph/base/export.hpp>
#include <kaygraph/base/type_name.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#pragma GCC visibility push(hidden)

namespace kaygraph {

/// A small named value: bool, integer, number or text. Bulk data belongs into the store.
class Setting {
public:
    using Value = std::variant<bool, std::int64_t, double, std::string>;

    template <class T>
    requires(std::is_arithmetic_v<T> || std::convertible_to<T, std::string_view>)
        Setting(const T& value)  // NOLINT(google-explicit-constructor): {"k", 10}
        : value_(stored(value)) {}

    [[nodiscard]] const Value& value() const noexcept { return value_; }
    friend bool operator==(const Setting&, const Setting&) = default;

    static auto codec(auto& self) { return std::tie(self.value_); }
    Setting() = default;

private:
    template <class T>
    static Value stored(const T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            return value;
        } else if constexpr (std::is_same_v<T, char>) {
            static_assert(
                !std::is_same_v<T, char>,
                "kaygraph: a character is no setting; write a text, in double quotes"
            );
        } else if constexpr (std::is_integral_v<T>) {
            if (!std::in_range<std::int64_t>(value)) {
                throw ArgumentError(
                    "an integer setting is at most " + std::to_string(INT64_MAX) + ", found "
                    + std::to_string(value)
                );
            }
            return static_cast<std::int64_t>(value);
        } else if constexpr (std::is_floating_point_v<T>) {
            return static_cast<double>(value);
        } else {
            return std::string{std::string_view{value}};
        }
    }
    Value value_;
};

/// Named settings: the params and the config of graphs and nodes.
/// @par MPI Local.
/// @par Threads A value.
class KAYGRAPH_EXPORT Settings {
public:
    Settings() = default;
    /// Several settings, `{{"k", 10}, {"model", "small"}}`, or one, `{"k", 10}`.
    /// @throws ArgumentError for an integer of 2^63 or more.
    Settings(std::initializer_list<std::pair<const std::string, Setting>> settings)
        : settings_(settings) {}
    Settings(const std::string& name, const Setting& value) : settings_{{name, value}} {}

    void set(const std::string& name, const Setting& value) { settings_[name] = value; }

    /// Returns a setting as T: bool, an integer type that holds the value, a floating-point type, or
    /// std::string.
    /// @throws ArgumentError naming the setting, the wanted and the held type, or the names there are.
    template <class T>
    [[nodiscard]] T get(std::string_view name) const {
        return as<T>(name, find(name));
    }

    /// Returns a setting as T, or the fallback where there is none.
    template <class T>
    [[nodiscard]] T get_or(std::string_view name, T fallback) const {
        return contains(name) ? get<T>(name) : fallback;
    }

    [[nodiscard]] bool contains(std::string_view name) const {
        return settings_.find(name) != settings_.end();
    }
    [[nodiscard]] bool empty() const noexcept { return settings_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return settings_.size(); }
    [[nodiscard]] std::vector<std::string> names() const;
    /// Returns a setting as it was given. @throws ArgumentError with the names there are.
    [[nodiscard]] const Setting& at(std::string_view name) const { return find(name); }

    /// Returns these settings with those of `top` over them.
    [[nodiscard]] Settings overlaid_by(const Settings& top) const;

    friend bool operator==(const Settings&, const Settings&) = default;
    static auto codec(auto& self) { return std::tie(self.settings_); }

private:
    [[nodiscard]] const Setting& find(std::string_view name) const;
    [[noreturn]] static void fail_type(
        std::string_view name,
        const Setting& setting,
        std::string_view wanted
    );

    template <class T>
    static T as(std::string_view name, const Setting& setting) {
        const Setting::Value& value = setting.value();
        if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
            if (const T* held = std::get_if<T>(&value)) {
                return *held;
            }
        } else {
            static_assert(
                std::is_arithmetic_v<T>,
                "kaygraph: a setting is read as bool, an integer, a floating-point number or "
                "std::string"
            );
            const std::int64_t* held = std::get_if<std::int64_t>(&value);
            if constexpr (std::is_floating_point_v<T>) {
                if (const double* number = std::get_if<double>(&value)) {
                    return static_cast<T>(*number);
                }
                if (held != nullptr) {
                    return static_cast<T>(*held);
                }
            } else if (held != nullptr && std::in_range<T>(*held)) {
                return static_cast<T>(*held);
            }
        }
        fail_type(name, setting, type_name<T>());
    }

    std::map<std::string, Setting, std::less<>> settings_;
};

/// What changes from walk to walk: a batch graph lays each of its parameter sets over them.
using Params = Settings;

/// What stays: a graph hands its own to the nodes that have none.
using Config = Settings;

}  // namespace kaygraph

#pragma GCC visibility pop
