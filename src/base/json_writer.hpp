#pragma once

#include <kaygraph/base/decimal.hpp>
#include <kaygraph/base/json_text.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace kaygraph::detail {

/// Writes JSON, two spaces a level, an element a line but in rows.
class JsonWriter {
public:
    void begin_object(std::string_view name = {}) { begin(name, '{'); }
    void end_object() { end('}'); }
    void begin_array(std::string_view name = {}) { begin(name, '['); }
    void end_array() { end(']'); }

    template <class T>
    void value(std::string_view name, const T& value) {
        next(name);
        text_ += to_text(value);
    }
    /// An array on one line.
    template <class Values>
    void row(std::string_view name, const Values& values) {
        next(name);
        text_ += '[';
        bool is_first = true;
        for (const auto& value : values) {
            text_ += is_first ? "" : ", ";
            text_ += to_text(value);
            is_first = false;
        }
        text_ += ']';
    }
    [[nodiscard]] std::string take() { return std::move(text_) + "\n"; }

private:
    template <class T>
    static std::string to_text(const T& value) {
        if constexpr (std::is_same_v<T, bool>) {
            return value ? "true" : "false";
        } else if constexpr (std::is_floating_point_v<T>) {
            return short_decimal(value, 12);
        } else if constexpr (std::is_integral_v<T>) {
            return std::to_string(value);
        } else {
            return json_quoted(value);
        }
    }
    void next(std::string_view name) {
        if (!is_first_) {
            text_ += ',';
        }
        if (depth_ > 0) {
            text_ += '\n' + std::string(2 * depth_, ' ');
        }
        if (!name.empty()) {
            text_ += json_quoted(name) + ": ";
        }
        is_first_ = false;
    }
    void begin(std::string_view name, char bracket) {
        next(name);
        text_ += bracket;
        is_first_ = true;
        ++depth_;
    }
    void end(char bracket) {
        --depth_;
        if (!is_first_) {
            text_ += '\n' + std::string(2 * depth_, ' ');
        }
        text_ += bracket;
        is_first_ = false;
    }

    std::string text_;
    std::size_t depth_ = 0;
    bool is_first_ = true;
};

}  // namespace kaygraph::detail
