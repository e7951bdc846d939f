#include "files/json_bytes.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/json_field.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <span>
#include <utility>

namespace kaygraph {
namespace {

constexpr std::size_t max_depth = 64;
constexpr std::size_t max_number_bytes = 64;
constexpr std::size_t max_shown_bytes = 100;  // the longest reason has 77

/// Where a line is, for errors.
struct Place {
    const std::string* file;
    std::uint64_t offset;

    [[noreturn]] void fail(std::uint64_t at, const std::string& expected, const std::string& found)
        const {
        throw FormatError(
            ErrorCode::malformed,
            "expected " + expected + ", found " + found,
            {.file = *file, .offset = static_cast<std::int64_t>(offset + at)}
        );
    }
};

/// Returns what the parser complains of, without what it says of the place and the bytes there.
std::string reason_in(std::string_view text) {
    for (const std::string_view end_of_place : {"] ", ", column ", ": ", " - "}) {
        const std::size_t at = text.find(end_of_place);
        if (at == std::string_view::npos) {
            break;
        }
        text.remove_prefix(at + end_of_place.size());
    }
    text = text.substr(0, std::min(text.find("; "), max_shown_bytes));
    std::string reason;
    for (const char c : text) {
        reason += c >= ' ' && c <= '~' ? c : '?';
    }
    return reason;
}

enum class Wanted : std::uint8_t { text, id };

/// Follows a path of keys through the events of the parser.
class FieldFinder {
public:
    using Json = nlohmann::json;

    FieldFinder(
        std::span<const std::string> path,
        const std::string& name,
        Wanted wanted,
        const Place& place,
        std::string_view line,
        std::string& value
    )
        : path_(path),
          name_(&name),
          wanted_(wanted),
          place_(place),
          line_(line),
          value_(&value),
          bytes_(line) {}

    /// Returns whether the field is there.
    bool find() {
        check_bytes();
        Json::sax_parse(bytes_.begin(), bytes_.end(), this);
        return is_found_;
    }

    /// Whether the outermost object has a key that is the whole name, dots included.
    [[nodiscard]] bool has_whole_name() const noexcept { return has_whole_name_; }

    [[nodiscard]] bool is_string() const noexcept { return is_string_; }

    /// Returns the string's characters, or the number's text: in the line where they are the same there.
    [[nodiscard]] std::string_view value() const noexcept { return raw_ ? *raw_ : *value_; }

    // the parser's events
    bool null() { return scalar("null"); }
    bool boolean(bool /*value*/) { return scalar("a boolean"); }
    bool number_integer(std::int64_t /*number*/) { return number(); }
    bool number_unsigned(std::uint64_t /*number*/) { return number(); }
    bool number_float(double /*number*/, const std::string& /*text*/) { return number(); }
    bool string(std::string& text) {
        if (wants_other_than_string()) {
            fail(expected(), "a string");
        }
        if (std::exchange(turn_, Turn::none) == Turn::value) {
            if (bytes_.has_half_pair()) {
                place_.fail(
                    bytes_.offset() - 1,
                    "Unicode characters at '" + *name_ + "'",
                    "half of a surrogate pair"
                );
            }
            raw_ = bytes_.last_string();
            if (!raw_) {
                value_->swap(text);
            }
            is_string_ = true;
            is_found_ = true;
        }
        return true;
    }
    bool binary(Json::binary_t& /*bytes*/) { return false; }  // not in JSON
    bool start_object(std::size_t /*n*/) {
        if (turn_ == Turn::value) {
            fail(expected(), "an object");
        }
        enter();
        n_matched_ += std::exchange(turn_, Turn::none) == Turn::descend ? 1 : 0;
        return true;
    }
    bool end_object() {
        n_matched_ -= depth_ == n_matched_ + 1 && n_matched_ != 0 ? 1 : 0;
        --depth_;
        return true;
    }
    bool start_array(std::size_t /*n*/) {
        scalar("an array");
        enter();
        return true;
    }
    bool end_array() {
        --depth_;
        return true;
    }
    bool key(const std::string& text) {
        const std::string_view key = bytes_.last_string().value_or(text);
        const bool is_unicode = !bytes_.has_half_pair();
        has_whole_name_ = has_whole_name_ || (is_unicode && depth_ == 1 && key == *name_);
        if (is_unicode && depth_ == n_matched_ + 1 && n_matched_ < path_.size()
            && key == path_[n_matched_]) {
            if (n_matched_ < n_seen_) {
                fail("the key '" + path_[n_matched_] + "' once", "it again");
            }
            n_seen_ = n_matched_ + 1;
            turn_ = n_seen_ == path_.size() ? Turn::value : Turn::descend;
        }
        return true;
    }
    bool parse_error(
        std::size_t /*position*/,
        const std::string& /*last_token*/,
        const nlohmann::detail::exception& error
    ) {
        fail("JSON", reason_in(error.what()));
    }

private:
    /// What the next value is.
    enum class Turn : std::uint8_t { object, none, descend, value };

    void check_bytes() const {
        // the parser takes a NUL for the end, and passes a mark
        const std::size_t nul = line_.find('\0');
        if (nul != std::string_view::npos) {
            place_.fail(nul, "JSON", "a NUL byte");
        }
        if (line_.substr(0, 3) == "\xef\xbb\xbf") {
            place_.fail(0, "JSON", "a byte order mark inside the file");
        }
    }

    /// `ahead` are the bytes that the parser has read behind what it tells of.
    [[noreturn]] void fail(
        const std::string& expected,
        const std::string& found,
        std::uint64_t ahead = 0
    ) const {
        const std::uint64_t read = bytes_.offset();
        place_.fail(read - std::min(read, ahead + 1), expected, found);
    }

    [[nodiscard]] std::string expected() const {
        switch (turn_) {
            case Turn::object:
                return "a JSON object";
            case Turn::descend:
                return "an object at '" + path_[n_seen_ - 1] + "'";
            case Turn::none:
            case Turn::value:
                break;
        }
        return (wanted_ == Wanted::text ? "a string at '" : "a string or a number at '") + *name_
               + "'";
    }

    [[nodiscard]] bool wants_other_than_string() const noexcept {
        return turn_ == Turn::object || turn_ == Turn::descend;
    }

    /// A value that is never wanted.
    bool scalar(const char* what, std::uint64_t ahead = 0) const {
        if (turn_ != Turn::none) {
            fail(expected(), what, ahead);
        }
        return true;
    }

    bool number() {
        if (turn_ == Turn::none) {
            return true;
        }
        if (wanted_ == Wanted::text || wants_other_than_string()) {
            return scalar("a number", 1);
        }
        const std::string_view text = bytes_.last_number();
        if (text.size() > max_number_bytes) {
            fail(
                "a number of at most " + std::to_string(max_number_bytes) + " bytes",
                std::to_string(text.size()),
                1
            );
        }
        turn_ = Turn::none;
        value_->assign(text);
        is_found_ = true;
        return true;
    }

    void enter() {
        if (++depth_ > max_depth) {
            fail("at most " + std::to_string(max_depth) + " levels", "one more");
        }
    }

    std::span<const std::string> path_;
    const std::string* name_;
    Wanted wanted_;
    Place place_;
    std::string_view line_;
    std::string* value_;

    detail::JsonBytes bytes_;
    Turn turn_ = Turn::object;
    std::size_t depth_ = 0;
    std::size_t n_matched_ = 0;  // keys of the path that the parser is inside of
    std::size_t n_seen_ = 0;     // keys of the path that were there so far
    bool is_found_ = false;
    bool has_whole_name_ = false;
    bool is_string_ = false;
    std::optional<std::string_view> raw_;
};

std::vector<std::string> path_in(const std::string& field) {
    std::vector<std::string> path;
    std::size_t at = 0;
    for (;;) {
        const std::size_t dot = field.find('.', at);
        path.push_back(field.substr(at, dot == std::string::npos ? dot : dot - at));
        if (path.back().empty()) {
            throw ArgumentError("the field '" + field + "' has an empty key");
        }
        if (dot == std::string::npos) {
            return path;
        }
        at = dot + 1;
    }
}

/// Returns how a field is looked for: "'a.b', as one key or as 'b' within 'a'".
std::string shown_places(std::span<const std::string> path, const std::string& name) {
    std::string places = "'" + name + "'";
    if (path.size() == 1) {
        return places;
    }
    places += ", as one key or as '" + path.back() + "'";
    for (std::size_t i = path.size() - 1; i != 0; --i) {
        places += " within '" + path[i - 1] + "'";
    }
    return places;
}

struct Found {
    std::string_view value;
    bool is_string = false;
};

/// A key that is the whole name counts before keys that lead there. Most lines have none: they are read once.
Found find_field(
    std::span<const std::string> path,
    const std::string& name,
    Wanted wanted,
    const Place& place,
    std::string_view line,
    std::string& storage
) {
    FieldFinder nested{path, name, wanted, place, line, storage};
    bool is_found = false;
    std::exception_ptr failure;
    try {
        is_found = nested.find();
    } catch (const FormatError&) {
        if (path.size() == 1) {
            throw;
        }
        failure = std::current_exception();
    }
    if (path.size() > 1 && (failure != nullptr || nested.has_whole_name())) {
        FieldFinder whole{{&name, 1}, name, wanted, place, line, storage};
        if (whole.find()) {
            return {whole.value(), whole.is_string()};
        }
    }
    if (failure != nullptr) {
        std::rethrow_exception(failure);
    }
    if (!is_found) {
        place.fail(0, "the field " + shown_places(path, name), "none");
    }
    return {nested.value(), nested.is_string()};
}

}  // namespace

JsonField::JsonField(std::string field, std::optional<std::string> id_field)
    : field_(std::move(field)), path_(path_in(field_)) {
    if (id_field) {
        id_field_ = std::move(*id_field);
        id_path_ = path_in(id_field_);
    }
}

std::string_view JsonField::text(
    std::string_view line,
    std::string& storage,
    const std::string& file,
    std::uint64_t offset
) const {
    return find_field(path_, field_, Wanted::text, {&file, offset}, line, storage).value;
}

std::string JsonField::id(std::string_view line, const std::string& file, std::uint64_t offset)
    const {
    if (!has_id()) {
        throw ArgumentError("no id field was named");
    }
    std::string value;
    const Found id = find_field(id_path_, id_field_, Wanted::id, {&file, offset}, line, value);
    return id.is_string ? nlohmann::json(id.value).dump() : value;
}

}  // namespace kaygraph
