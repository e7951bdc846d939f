#include <kaygraph/base/error.hpp>
#include <kaygraph/base/json_text.hpp>
#include <kaygraph/files/json_field.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <utility>

namespace kaygraph {
namespace {

using Json = nlohmann::json;

constexpr std::size_t deepest = 64;
constexpr std::size_t longest_number = 64;

std::vector<std::string> parts_of(const std::string& field) {
    std::vector<std::string> parts;
    std::size_t first = 0;
    for (std::size_t point = 0; point != std::string::npos; first = point + 1) {
        point = field.find('.', first);
        parts.push_back(field.substr(first, point == std::string::npos ? point : point - first));
    }
    return parts;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string name;
    for (const std::string& part : parts) {
        name += (name.empty() ? "" : ".") + part;
    }
    return name;
}

/// Gets the events of the parser, and keeps the value of one field: no document is ever built.
class FieldFinder {  // the names of its functions are the parser's
public:
    FieldFinder(const std::vector<std::string>& path, bool wants_text, std::string& value)
        : path_(path), wants_text_(wants_text), value_(value) {}

    bool null() { return other("null"); }
    bool boolean(bool /*value*/) { return other("a bool"); }
    bool number_integer(Json::number_integer_t value) { return number(std::to_string(value)); }
    bool number_unsigned(Json::number_unsigned_t value) { return number(std::to_string(value)); }
    bool number_float(Json::number_float_t /*value*/, const std::string& text) {
        if (text.size() > longest_number) {
            return fail(
                "a number of at most 64 characters", "one of " + std::to_string(text.size())
            );
        }
        return number(text);
    }
    bool string(std::string& text) {
        if (depth_ == 0) {
            return fail("a JSON object", "a string");
        }
        return !is_here() || keep(wants_text_ ? std::move(text) : json_quoted(text));
    }
    bool binary(Json::binary_t& /*value*/) { return true; }

    bool start_object(std::size_t /*elements*/) {
        if (is_here()) {
            if (n_matched_ + 1 == path_.size()) {
                return other("an object");
            }
            ++n_matched_;
        }
        return enter(true);
    }
    bool key(std::string& name) {
        // only keys of the object that the path has led to count
        is_key_ = objects_of_path_ == depth_ && objects_of_path_ == n_matched_ + 1
                  && name == path_[n_matched_];
        return true;
    }
    bool end_object() { return leave(); }
    bool start_array(std::size_t /*elements*/) {
        if (depth_ == 0) {
            return fail("a JSON object", "an array");
        }
        return other("an array") && enter(false);
    }
    bool end_array() { return leave(); }

    bool parse_error(
        std::size_t position,
        const std::string& token,
        const nlohmann::detail::exception& error
    ) {
        const std::string text = error.what();
        offset_ = position == 0 ? 0 : position - 1;
        const std::size_t colon = text.rfind("; ");
        return fail(
            "JSON",
            token.empty() ? "its end" : text.substr(colon == std::string::npos ? 0 : colon + 2)
        );
    }

    [[nodiscard]] bool is_found() const noexcept { return is_found_; }
    [[nodiscard]] bool has_failed() const noexcept { return !found_text_.empty(); }
    [[nodiscard]] const std::string& expected() const noexcept { return expected_; }
    [[nodiscard]] const std::string& found() const noexcept { return found_text_; }
    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

private:
    /// Whether the next value is the one at the end of the path, or on its way.
    [[nodiscard]] bool is_here() const noexcept { return is_key_; }

    bool enter(bool is_object) {
        if (++depth_ > deepest) {
            return fail("JSON nested at most 64 deep", "deeper nesting");
        }
        if (is_object && (depth_ == 1 || is_key_)) {
            objects_of_path_ = depth_;
        }
        is_key_ = false;
        return true;
    }
    bool leave() {
        --depth_;
        if (objects_of_path_ > depth_) {
            objects_of_path_ = depth_;
            n_matched_ = depth_ == 0 ? 0 : depth_ - 1;
        }
        return true;
    }
    bool number(const std::string& text) {
        return wants_text_ || depth_ == 0 ? other("a number") : !is_here() || keep(text);
    }
    bool keep(std::string text) {
        is_key_ = false;
        if (n_matched_ + 1 != path_.size()) {
            return fail("an object at '" + path_[n_matched_] + "'", "another value");
        }
        if (is_found_) {
            return fail("the field '" + joined(path_) + "' once", "it twice");
        }
        is_found_ = true;
        value_ = std::move(text);
        return true;
    }
    bool other(const char* what) {
        if (depth_ == 0) {
            return fail("a JSON object", what);
        }
        if (is_here()) {
            return fail(
                (wants_text_ ? "a string at '" : "a string or a number at '") + joined(path_) + "'",
                what
            );
        }
        return true;
    }
    bool fail(std::string expected, std::string found) {
        if (found_text_.empty()) {
            expected_ = std::move(expected);
            found_text_ = std::move(found);
        }
        return false;
    }

    const std::vector<std::string>& path_;
    bool wants_text_;
    std::string& value_;
    std::size_t depth_ = 0;
    std::size_t objects_of_path_ = 0;  // how many of the open objects the path leads through
    std::size_t n_matched_ = 0;        // names of the path that have been matched
    bool is_key_ = false;              // the last key was the next name
    bool is_found_ = false;
    std::string expected_;
    std::string found_text_;
    std::size_t offset_ = 0;
};

void find(
    std::string_view record,
    const std::vector<std::string>& path,
    bool wants_text,
    std::string& value,
    const std::string& file,
    std::uint64_t offset
) {
    FieldFinder finder{path, wants_text, value};
    const bool is_parsed = Json::sax_parse(record.begin(), record.end(), &finder);
    if (is_parsed && finder.is_found()) {
        return;
    }
    const bool is_missing = is_parsed && !finder.has_failed();
    throw FormatError(
        ErrorCode::malformed,
        "expected "
            + (is_missing ? "the field '" + joined(path) + "', found none"
                          : finder.expected() + ", found " + finder.found()),
        {.file = file, .offset = static_cast<std::int64_t>(offset + finder.offset())}
    );
}

}  // namespace

JsonField::JsonField(const std::string& field, const std::optional<std::string>& id_field)
    : field_(parts_of(field)), id_field_(id_field ? parts_of(*id_field) : field_) {
    for (const auto& path : {field_, id_field_}) {
        for (const std::string& part : path) {
            if (part.empty()) {
                throw ArgumentError("a field has an empty name: '" + joined(path) + "'");
            }
        }
    }
}

std::string_view JsonField::text(
    std::string_view record,
    std::string& storage,
    const std::string& file,
    std::uint64_t offset
) const {
    find(record, field_, true, storage, file, offset);
    return storage;
}

std::string JsonField::id(std::string_view record, const std::string& file, std::uint64_t offset)
    const {
    std::string value;
    find(record, id_field_, false, value, file, offset);
    return value;
}

}  // namespace kaygraph
