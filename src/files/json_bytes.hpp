#pragma once

#include <cstddef>
#include <cstdint>
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
    static constexpr std::string_view instead = "fffd";

    enum class Place : std::uint8_t {
        outside,
        number,
        long_number,
        plain_string,
        escaped_string,
        half_pair,  ///< in the digits of an escape that the parser sees others of
    };

    const char& peek() noexcept {
        if (is_special_) {
            if (place_ == Place::half_pair) {
                return instead[instead.size() - n_instead_];
            }
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
                } else if (is_digit(*passed)) {
                    enter_number(passed);
                }
                break;
            case Place::long_number:
                keep_back_digits(*passed);
                [[fallthrough]];
            case Place::number:
                if (at_ >= number_end_) {
                    place_ = Place::outside;
                }
                break;
            case Place::plain_string:
                if (passed == quote_) {
                    place_ = Place::outside;
                }
                is_special_ = passed != quote_ && is_plain(*passed);
                break;
            case Place::escaped_string:
                if (passed == literal_) {
                    if (*passed == 'u') {
                        judge_escape();
                    }
                } else if (*passed == '\\') {
                    literal_ = at_;
                } else if (*passed == '"') {
                    place_ = Place::outside;
                }
                break;
            case Place::half_pair:
                if (--n_instead_ == 0) {
                    place_ = Place::escaped_string;
                    is_special_ = false;
                }
                break;
        }
    }

    void enter_string() noexcept;

    void enter_number(const char* first) noexcept;

    /// Keeps back the digits that could carry a number beyond double.
    void keep_back_digits(char passed) noexcept;

    static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
    static bool is_of_number(char c) noexcept {
        return is_digit(c) || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E';
    }

    /// Judges the four digits after \u.
    void judge_escape() noexcept;

    /// Returns the number of four hexadecimal digits; 0 where they are none.
    [[nodiscard]] std::uint32_t escaped_unit(const char* digits) const noexcept;

    /// ASCII, and no control. A plain char has a sign on one CPU, none on another.
    static bool is_plain(char c) noexcept { return static_cast<signed char>(c) >= ' '; }

    /// Passes a run of ASCII, eight bytes at a time.
    void skip() noexcept;

    static constexpr unsigned most_digits = 16;

    const char* begin_;
    const char* end_;
    const char* at_;
    const char* raw_ = nullptr;           // where the last string begins
    const char* quote_ = nullptr;         // its end, where it has no escapes
    const char* literal_ = nullptr;       // the byte behind a backslash
    const char* low_ = nullptr;           // the digits of the second half of a pair
    const char* number_end_ = nullptr;    // of the number that the parser is in
    std::size_t n_instead_ = 0;           // of `instead`, which the parser has yet to see
    unsigned n_digits_ = 0;               // that came one after the other in the number so far
    unsigned most_digits_ = most_digits;  // that the parser sees of them
    Place place_ = Place::outside;
    bool has_raw_ = false;
    bool has_half_ = false;
    bool is_special_ = false;  // the next byte is not simply the next one of the line
};

}  // namespace kaygraph::detail
