#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>

namespace kaygraph::detail {

/// Hands the bytes of a JSON line to a parser that takes one at a time, but keeps back most of what can be
/// nothing else than characters of a string: runs of ASCII in strings without escapes. These are most of a
/// line, and the parser is the slow part. It still judges all the rest: of each run it sees the first byte,
/// so that what stood before the run cannot join with what stands behind it.
/// @par Threads One at a time.
class JsonBytes {
public:
    explicit JsonBytes(std::string_view line) noexcept
        : begin_(line.data()), end_(line.data() + line.size()), at_(line.data()) {}

    /// For the parser, in pairs; all that belong to one JsonBytes share its place.
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = char;
        using difference_type = std::ptrdiff_t;
        using pointer = const char*;
        using reference = const char&;

        Iterator(JsonBytes* bytes, bool is_end) noexcept : bytes_(bytes), is_end_(is_end) {}

        reference operator*() const noexcept { return bytes_->peek(); }
        Iterator& operator++() noexcept {
            bytes_->pass();
            return *this;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
            return a.is_end_ == b.is_end_ || a.bytes_->is_at_end();
        }
        friend bool operator!=(const Iterator& a, const Iterator& b) noexcept { return !(a == b); }

    private:
        JsonBytes* bytes_;
        bool is_end_;
    };

    [[nodiscard]] Iterator begin() noexcept { return {this, false}; }
    [[nodiscard]] Iterator end() noexcept { return {this, true}; }

    [[nodiscard]] bool is_at_end() const noexcept { return at_ == end_; }

    /// Returns the bytes that the parser is done with, kept back or not.
    [[nodiscard]] std::uint64_t offset() const noexcept {
        return static_cast<std::uint64_t>(at_ - begin_);
    }

    /// Returns the characters of the last string, in the line; nothing where it has escapes.
    [[nodiscard]] std::optional<std::string_view> last_string() const noexcept {
        if (!has_raw_) {
            return {};
        }
        return std::string_view{raw_, static_cast<std::size_t>(quote_ - raw_)};
    }

private:
    enum class Place : std::uint8_t { outside, plain_string, escaped_string };

    const char& peek() noexcept {
        if (can_skip_) {
            skip();
        }
        return *at_;
    }

    void pass() noexcept {
        const char* const passed = at_++;
        switch (place_) {
            case Place::outside:
                if (*passed == '"') {
                    enter_string();
                }
                break;
            case Place::plain_string:
                if (passed == quote_) {
                    place_ = Place::outside;
                }
                can_skip_ = passed != quote_ && is_plain(*passed);
                break;
            case Place::escaped_string:
                if (passed != literal_ && *passed == '\\') {
                    literal_ = at_;
                } else if (passed != literal_ && *passed == '"') {
                    place_ = Place::outside;
                }
                break;
        }
    }

    void enter_string() noexcept {
        const auto left = static_cast<std::size_t>(end_ - at_);
        const auto* const quote = static_cast<const char*>(std::memchr(at_, '"', left));
        const bool is_plain_string =
            quote != nullptr
            && std::memchr(at_, '\\', static_cast<std::size_t>(quote - at_)) == nullptr;
        place_ = is_plain_string ? Place::plain_string : Place::escaped_string;
        has_raw_ = is_plain_string;
        can_skip_ = is_plain_string;
        raw_ = at_;
        quote_ = quote;
        literal_ = nullptr;
    }

    /// ASCII, and no control. A plain char has a sign on one CPU, none on another.
    static bool is_plain(char c) noexcept { return static_cast<signed char>(c) >= ' '; }

    /// Passes a run of ASCII, eight bytes at a time.
    void skip() noexcept {
        can_skip_ = false;
        constexpr std::uint64_t ones = 0x0101010101010101U;
        constexpr std::uint64_t high = 0x80U * ones;
        while (quote_ - at_ >= 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, at_, 8);
            if (((eight | (eight - ' ' * ones)) & high) != 0) {
                break;
            }
            at_ += 8;
        }
        while (at_ != quote_ && is_plain(*at_)) {
            ++at_;
        }
    }

    const char* begin_;
    const char* end_;
    const char* at_;
    const char* raw_ = nullptr;      // where the last string begins
    const char* quote_ = nullptr;    // its end, where it has no escapes
    const char* literal_ = nullptr;  // the byte behind a backslash
    Place place_ = Place::outside;
    bool has_raw_ = false;
    bool can_skip_ = false;
};

}  // namespace kaygraph::detail
