#pragma once

#include <kaygraph/base/function_ref.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

/// @file
/// Reads a description of a model in JSON: every value is asked for with its type, and errors say where it
/// stands.

namespace kaygraph::models::detail {

/// A value of a document that outlives it, and its place, "model.vocab". All of these throw FormatError.
/// @par Threads As a pointer.
class JsonReader {
public:
    JsonReader(const nlohmann::json& value, const std::string& file)
        : JsonReader(&value, file, "") {}

    /// The name of the file.
    [[nodiscard]] const std::string& file() const noexcept { return *file_; }

    /// Whether it is null or not there.
    [[nodiscard]] bool is_null() const noexcept;
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] const std::string& text() const;
    [[nodiscard]] std::uint64_t unsigned_number(std::uint64_t most) const;
    [[nodiscard]] double number() const;

    /// The value of a key: null where there is none.
    [[nodiscard]] JsonReader get(const char* key) const;
    /// The value of a key that must be there.
    [[nodiscard]] JsonReader at(const char* key) const;
    [[nodiscard]] bool has(const char* key) const;
    [[nodiscard]] std::size_t members() const;
    void for_each_member(FunctionRef<void(const std::string&, const JsonReader&)> give) const;

    [[nodiscard]] std::size_t elements() const;
    [[nodiscard]] JsonReader element(std::size_t index) const;

    /// The name of a component, its key "type".
    [[nodiscard]] const std::string& type() const;
    /// Refuses a component of another type by its name.
    void expect_type(std::initializer_list<std::string_view> types) const;
    /// Refuses settings of a component that kaygraph does not know.
    void expect_keys(std::initializer_list<std::string_view> keys) const;

    /// Throws: what is here is not supported.
    [[noreturn]] void refuse(const std::string& reason) const;
    [[noreturn]] void fail(const std::string& expected, const std::string& found) const;
    /// The same, where the value itself is what was found.
    [[noreturn]] void fail(const std::string& expected) const;

private:
    JsonReader(const nlohmann::json* value, const std::string& file, std::string place)
        : value_(value), file_(&file), place_(std::move(place)) {}

    [[nodiscard]] std::string place_of(const std::string& key) const;
    [[nodiscard]] std::string found() const;
    void expect_object() const;

    const nlohmann::json* value_;  // nullptr: not there
    const std::string* file_;
    std::string place_;
};

}  // namespace kaygraph::models::detail
