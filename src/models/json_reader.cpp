#include "models/json_reader.hpp"

#include <kaygraph/base/error.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace kaygraph::models::detail {

namespace {

/// A value as JSON of printable ASCII, cut short.
std::string shown(const nlohmann::json& value) {
    constexpr std::size_t most = 60;
    std::string text = value.dump(-1, ' ', true);
    if (text.size() > most) {
        text.replace(most, std::string::npos, "...");
    }
    return text;
}

}  // namespace

std::string JsonReader::place_of(const std::string& key) const {
    return place_.empty() ? key : place_ + "." + key;
}

std::string JsonReader::found() const {
    if (value_ == nullptr) {
        return "nothing";
    }
    return value_->is_structured() ? value_->type_name() : shown(*value_);
}

void JsonReader::fail(const std::string& expected, const std::string& found) const {
    throw FormatError(
        ErrorCode::malformed,
        (place_.empty() ? "" : place_ + ": ") + "expected " + expected + ", found " + found,
        {.file = *file_}
    );
}

void JsonReader::fail(const std::string& expected) const {
    fail(expected, found());
}

void JsonReader::refuse(const std::string& reason) const {
    const bool has_type = value_ != nullptr && value_->is_object() && value_->contains("type");
    throw FormatError(
        ErrorCode::malformed,
        place_ + (has_type ? " " + shown(value_->at("type")) : "") + " is not supported: " + reason,
        {.file = *file_}
    );
}

bool JsonReader::is_null() const noexcept {
    return value_ == nullptr || value_->is_null();
}

bool JsonReader::boolean() const {
    if (value_ == nullptr || !value_->is_boolean()) {
        fail("true or false");
    }
    return value_->get<bool>();
}

const std::string& JsonReader::text() const {
    if (value_ == nullptr || !value_->is_string()) {
        fail("a string");
    }
    return value_->get_ref<const std::string&>();
}

std::uint64_t JsonReader::unsigned_number(std::uint64_t most) const {
    const bool is_sound =
        value_ != nullptr && value_->is_number_unsigned() && value_->get<std::uint64_t>() <= most;
    if (!is_sound) {
        fail("a whole number of at most " + std::to_string(most));
    }
    return value_->get<std::uint64_t>();
}

double JsonReader::number() const {
    if (value_ == nullptr || !value_->is_number()) {
        fail("a number");
    }
    return value_->get<double>();
}

void JsonReader::expect_object() const {
    if (value_ == nullptr || !value_->is_object()) {
        fail("an object");
    }
}

bool JsonReader::has(const char* key) const {
    expect_object();
    return value_->contains(key);
}

JsonReader JsonReader::get(const char* key) const {
    expect_object();
    const auto member = value_->find(key);
    return {member == value_->end() ? nullptr : &*member, *file_, place_of(key)};
}

JsonReader JsonReader::at(const char* key) const {
    JsonReader value = get(key);
    if (value.value_ == nullptr) {
        value.fail("a value", "nothing");
    }
    return value;
}

std::size_t JsonReader::members() const {
    expect_object();
    return value_->size();
}

void JsonReader::for_each_member(FunctionRef<void(const std::string&, const JsonReader&)> give
) const {
    expect_object();
    for (auto member = value_->begin(); member != value_->end(); ++member) {
        give(member.key(), {&*member, *file_, place_});
    }
}

std::size_t JsonReader::elements() const {
    if (value_ == nullptr || !value_->is_array()) {
        fail("an array");
    }
    return value_->size();
}

JsonReader JsonReader::element(std::size_t index) const {
    if (index >= elements()) {
        fail("an element " + std::to_string(index), std::to_string(elements()) + " elements");
    }
    return {&(*value_)[index], *file_, place_ + "[" + std::to_string(index) + "]"};
}

const std::string& JsonReader::type() const {
    return at("type").text();
}

void JsonReader::expect_type(std::initializer_list<std::string_view> types) const {
    if (std::find(types.begin(), types.end(), type()) != types.end()) {
        return;
    }
    std::string known;
    for (const std::string_view name : types) {
        known += (known.empty() ? "" : " and ") + std::string{name};
    }
    refuse("here kaygraph reads " + known);
}

void JsonReader::expect_keys(std::initializer_list<std::string_view> keys) const {
    for_each_member([&](const std::string& key, const JsonReader& /*value*/) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
            refuse("its setting " + shown(key) + " is unknown here");
        }
    });
}

}  // namespace kaygraph::models::detail
