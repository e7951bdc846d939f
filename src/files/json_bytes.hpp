#pragma once

#include <charconv>
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
///
/// The parser refuses two things that are JSON: numbers beyond double, and escapes of half a surrogate pair. So it
/// sees the first digits alone of a long number, the first of an exponent, and U+FFFD for a half; the line has the rest.
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

    /// Returns the text of a number that the parser has just told of: it has read one byte behind it.
    [[nodiscard]] std::string_view last_number() const noexcept {
        const char* const last = at_ - 1;
        const char* first = last;
        while (first != begin_ && is_of_number(first[-1])) {
            --first;
        }
        return {first, static_cast<std::size_t>(last - first)};
    }

    /// Whether the last string has an escape of half a surrogate pair.
    [[nodiscard]] bool has_half_pair() const noexcept { return has_half_; }

    /// Returns the characters of the last string, in the line; nothing where it has escapes.
    [[nodiscard]] std::optional<std::string_view> last_string() const noexcept {
        if (!has_raw_) {
            return {};
        }
        return std::string_view{raw_, static_cast<std::size_t>(quote_ - raw_)};
    }

private:
    static constexpr const char* instead = "fffd";

    enum class Place : std::uint8_t { outside, plain_string, escaped_string };

    const char& peek() noexcept {
        if (can_skip_) {
            skip();
        }
        return n_instead_ == 0 ? *at_ : *(instead + 4 - n_instead_);
    }

    void pass() noexcept {
        const char* const passed = at_++;
        switch (place_) {
            case Place::outside:
                if (*passed == '"') {
                    enter_string();
                } else {
                    pass_outside(*passed);
                }
                break;
            case Place::plain_string:
                if (passed == quote_) {
                    place_ = Place::outside;
                }
                can_skip_ = passed != quote_ && is_plain(*passed);
                break;
            case Place::escaped_string:
                n_instead_ -= n_instead_ == 0 ? 0 : 1;
                if (passed == literal_ && *passed == 'u') {
                    judge_escape();
                } else if (passed != literal_ && *passed == '\\') {
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
        has_half_ = false;
        n_instead_ = 0;
    }

    /// Keeps back the digits that could carry a number beyond double.
    void pass_outside(char passed) noexcept {
        constexpr unsigned most_digits = 16;
        if (passed >= '0' && passed <= '9') {
            if (++n_digits_ >= most_digits_) {
                while (at_ != end_ && *at_ >= '0' && *at_ <= '9') {
                    ++at_;
                }
            }
            return;
        }
        n_digits_ = 0;
        if (passed != '+' && passed != '-') {
            most_digits_ = passed == 'e' || passed == 'E' ? 1 : most_digits;
        }
    }

    static bool is_of_number(char c) noexcept {
        return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E';
    }

    /// Judges the four digits after \u.
    void judge_escape() noexcept {
        const std::uint32_t unit = escaped_unit(at_);
        if (unit >= 0xD800 && unit < 0xDC00) {
            const bool has_low = end_ - at_ >= 6 && at_[4] == '\\' && at_[5] == 'u';
            const std::uint32_t low = has_low ? escaped_unit(at_ + 6) : 0;
            if (low >= 0xDC00 && low < 0xE000) {
                low_ = at_ + 6;
                return;
            }
        }
        if (unit >= 0xD800 && unit < 0xE000 && at_ != low_) {
            has_half_ = true;
            n_instead_ = 4;
        }
    }

    /// Returns the number of four hexadecimal digits; 0 where they are none.
    [[nodiscard]] std::uint32_t escaped_unit(const char* digits) const noexcept {
        std::uint32_t unit = 0;
        if (end_ - digits < 4 || std::from_chars(digits, digits + 4, unit, 16).ptr != digits + 4) {
            return 0;
        }
        return unit;
    }

    static bool is_plain(char c) noexcept { return c >= ' '; }  // above 127 are negative

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
    const char* low_ = nullptr;      // the digits of the second half of a pair
    unsigned n_digits_ = 0;          // of the number so far, outside strings
    unsigned most_digits_ = 16;      // that the parser sees of them
    unsigned n_instead_ = 0;         // of `instead`, which the parser has yet to see
    Place place_ = Place::outside;
    bool has_raw_ = false;
    bool has_half_ = false;
    bool can_skip_ = false;
};

}  // namespace kaygraph::detail
