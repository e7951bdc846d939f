#include "files/bounded_json.hpp"

#include "files/known_content.hpp"
#include "files/shown.hpp"

#include <kaygraph/base/error.hpp>

#include <nlohmann/json.hpp>

#include <iterator>
#include <utility>
#include <vector>

namespace kaygraph::detail {
namespace {

using nlohmann::json;

/// Walks over the text and tells where it is: the parser itself tells this only of its own errors.
class TracedIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    TracedIterator(const char* at, const char** furthest) noexcept : at_(at), furthest_(furthest) {}

    const char& operator*() const noexcept { return *at_; }
    TracedIterator& operator++() noexcept {
        *furthest_ = ++at_;
        return *this;
    }
    TracedIterator operator++(int) noexcept {
        const TracedIterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const TracedIterator& a, const TracedIterator& b) noexcept {
        return a.at_ == b.at_;
    }

private:
    const char* at_;
    const char** furthest_;
};

/// Builds the document from the parser's events, and ends it where a limit is passed.
class Builder final : public nlohmann::json_sax<json> {
public:
    explicit Builder(const JsonLimits& limits) : limits_(&limits) {}

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t& text) override {
        if (text.size() > limits_->number_bytes) {
            return fail(
                "numbers of " + std::to_string(limits_->number_bytes) + " bytes at most",
                "one of " + std::to_string(text.size())
            );
        }
        return put(value);
    }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t& /*value*/) override { return fail("text", "binary data"); }
    bool start_object(std::size_t /*elements*/) override { return open(json::object()); }
    bool start_array(std::size_t /*elements*/) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        const auto added = open_.back()->emplace(name, nullptr);
        place_ = &*added.first;
        return added.second || fail("each key once in an object", shown(name) + " again");
    }
    bool parse_error(
        std::size_t /*position*/,
        const std::string& last_token,
        const json::exception& error
    ) override {
        const std::string_view what = error.what();
        if (what.find("ill-formed UTF-8") != std::string_view::npos) {
            return fail("UTF-8", "a string that is not, " + shown(last_token));
        }
        return fail("JSON", "no more of it at " + shown(last_token));
    }

    json take() { return std::move(root_); }
    [[nodiscard]] const std::string& expected() const noexcept { return expected_; }
    [[nodiscard]] const std::string& found() const noexcept { return found_; }

private:
    bool fail(std::string expected, std::string found) {
        expected_ = std::move(expected);
        found_ = std::move(found);
        return false;
    }

    template <class Value>
    bool put(Value&& value) {
        return add(json(std::forward<Value>(value))) != nullptr;
    }

    json* add(json value) {
        if (++n_values_ > limits_->values) {
            fail("a document of " + std::to_string(limits_->values) + " values at most", "more");
            return nullptr;
        }
        if (open_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        if (open_.back()->is_array()) {
            open_.back()->push_back(std::move(value));
            return &open_.back()->back();
        }
        *place_ = std::move(value);
        return place_;
    }

    bool open(json container) {
        if (open_.size() == limits_->depth) {
            return fail(
                "a document nested " + std::to_string(limits_->depth) + " levels deep at most",
                "a deeper one"
            );
        }
        json* const added = add(std::move(container));
        if (added != nullptr) {
            open_.push_back(added);
        }
        return added != nullptr;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    const JsonLimits* limits_;
    json root_;
    std::vector<json*> open_;  // an open container is the last of its parent: it does not move
    json* place_ = nullptr;    // of the key that was read last
    std::size_t n_values_ = 0;
    std::string expected_;
    std::string found_;
};

}  // namespace

json parse_bounded_json(
    std::string_view text,
    const std::string& file,
    std::uint64_t begin,
    const JsonLimits& limits
) {
    const auto refuse = [&](std::size_t at, const std::string& expected, const std::string& found) {
        if (const auto content =
                begin == 0 ? known_content(text.substr(0, telling_bytes)) : std::nullopt) {
            throw other_content("JSON", *content, file);
        }
        throw FormatError(
            ErrorCode::malformed,
            "expected " + expected + ", found " + found,
            {.file = file, .offset = static_cast<std::int64_t>(begin + at)}
        );
    };
    const std::size_t nul = text.find('\0');  // the parser would take it for the end
    if (nul != std::string_view::npos) {
        refuse(nul, "JSON", "a zero byte");
    }
    const char* furthest = text.data();
    Builder builder{limits};
    const TracedIterator first{text.data(), &furthest};
    const TracedIterator last{text.data() + text.size(), &furthest};
    if (!json::sax_parse(first, last, &builder)) {
        refuse(
            static_cast<std::size_t>(furthest - text.data()), builder.expected(), builder.found()
        );
    }
    return builder.take();
}

}  // namespace kaygraph::detail
