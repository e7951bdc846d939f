#include "files/bounded_json.hpp"

#include <kaygraph/base/error.hpp>

#include <set>
#include <utility>
#include <vector>

namespace kaygraph::detail {
namespace {

using Json = nlohmann::json;

constexpr std::size_t deepest = 64;
constexpr std::size_t longest_number = 64;

/// Builds the document from the events of the parser, and refuses what goes beyond the bounds.
class Builder {  // the names of its functions are the parser's
public:
    bool null() { return add(Json{}); }
    bool boolean(bool value) { return add(Json(value)); }
    bool number_integer(Json::number_integer_t value) { return add(Json(value)); }
    bool number_unsigned(Json::number_unsigned_t value) { return add(Json(value)); }
    bool number_float(Json::number_float_t value, const std::string& text) {
        if (text.size() > longest_number) {
            return fail("numbers of at most 64 characters", std::to_string(text.size()));
        }
        return add(Json(value));
    }
    bool string(std::string& text) { return add(Json(std::move(text))); }
    bool binary(Json::binary_t& /*value*/) { return fail("JSON", "binary data"); }

    bool start_object(std::size_t /*elements*/) { return enter(Json::object()); }
    bool key(std::string& name) {
        if (open_.back().contains(name)) {
            return fail("a key once in an object", "'" + name + "' twice");
        }
        keys_.back() = std::move(name);
        return true;
    }
    bool end_object() { return leave(); }
    bool start_array(std::size_t /*elements*/) { return enter(Json::array()); }
    bool end_array() { return leave(); }

    bool parse_error(
        std::size_t position,
        const std::string& /*token*/,
        const Json::exception& error
    ) {
        offset_ = position == 0 ? 0 : position - 1;
        const std::string text = error.what();
        const std::size_t colon = text.find("; ");
        return fail("JSON", colon == std::string::npos ? text : text.substr(colon + 2));
    }

    [[nodiscard]] Json take() { return std::move(document_); }
    [[nodiscard]] const std::string& expected() const noexcept { return expected_; }
    [[nodiscard]] const std::string& found() const noexcept { return found_; }
    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

private:
    bool add(Json value) {
        if (open_.empty()) {
            document_ = std::move(value);
        } else if (open_.back().is_array()) {
            open_.back().push_back(std::move(value));
        } else {
            open_.back().emplace(std::move(keys_.back()), std::move(value));
        }
        return true;
    }
    bool enter(Json container) {
        if (open_.size() == deepest) {
            return fail("JSON nested at most 64 deep", "deeper nesting");
        }
        open_.push_back(std::move(container));
        keys_.emplace_back();
        return true;
    }
    bool leave() {
        Json done = std::move(open_.back());
        open_.pop_back();
        keys_.pop_back();
        return add(std::move(done));
    }
    bool fail(std::string expected, std::string found) {
        if (expected_.empty()) {
            expected_ = std::move(expected);
            found_ = std::move(found);
        }
        return false;
    }

    Json document_;
    std::vector<Json> open_;
    std::vector<std::string> keys_;  // the last one of each open container
    std::string expected_;
    std::string found_;
    std::size_t offset_ = 0;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& file, std::size_t offset) {
    Builder builder;
    if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
        throw FormatError(
            ErrorCode::malformed,
            "expected " + builder.expected() + ", found " + builder.found(),
            {.file = file, .offset = static_cast<std::int64_t>(offset + builder.offset())}
        );
    }
    return builder.take();
}

}  // namespace kaygraph::detail
