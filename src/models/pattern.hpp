#pragma once

#include "models/character_ranges.hpp"

#include <kaygraph/base/export.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// @file
/// The regular expressions of tokenizers, in Oniguruma's syntax, as far as a match takes time in proportion to text and
/// pattern: no references back, no looking around but at one character. What a text matches is what Oniguruma matches: of
/// the leftmost places, what the pattern prefers.

namespace kaygraph::models::detail {

/// A set of code points.
class PointSet {
public:
    /// Properties that are not listed as ranges.
    enum class Class : std::uint8_t { space, digit, word, hex_digit, category };

    void add(char32_t first, char32_t last) { ranges_.push_back({first, last}); }
    /// `category`: of Class::category, one or two letters, "L" or "Lu".
    void add(Class what, bool negated, std::string_view category = {});
    void negate() noexcept { negated_ = !negated_; }
    /// No more is added: looks ASCII up from now on.
    void close();

    [[nodiscard]] bool has(char32_t point) const noexcept {
        return point < ascii_.size() ? ascii_[point] : search(point);
    }

private:
    struct Property {
        Class what;
        bool negated;
        std::array<char, 2> category;
    };

    [[nodiscard]] KAYGRAPH_EXPORT bool search(char32_t point) const noexcept;

    std::vector<CodePointRange> ranges_;
    std::vector<Property> properties_;
    bool negated_ = false;
    std::array<bool, 128> ascii_{};
};

/// A step of a compiled pattern.
struct PatternStep {
    enum class Kind : std::uint8_t { one, split, jump, assert, match };
    enum class Assertion : std::uint8_t {
        line_start,
        line_end,
        text_start,
        text_end,
        text_end_or_last_newline,
        word_border,
        no_word_border,
        before,  ///< a character of the set follows
        not_before,
        after,  ///< a character of the set stands before
        not_after,
    };

    Kind kind = Kind::match;
    Assertion assertion = Assertion::line_start;
    std::uint32_t set = 0;    ///< of `one` and of assertions
    std::uint32_t first = 0;  ///< where it goes on; of a split, where it would rather go on
    std::uint32_t second = 0;
};

struct PatternProgram {
    std::vector<PatternStep> steps;
    std::vector<PointSet> sets;
};

/// Compiles a pattern. @throws ArgumentError that says what is wrong or not supported.
[[nodiscard]] KAYGRAPH_EXPORT PatternProgram compile_pattern(std::string_view pattern);

/// @par Threads Any thread.
class Pattern {
public:
    /// @throws ArgumentError as compile_pattern does.
    KAYGRAPH_EXPORT explicit Pattern(std::string_view pattern);

    /// Gives the matches in a text of UTF-8 from left to right, as pairs of first and last: none overlaps the one before,
    /// and an empty one does not follow it at once. @throws FormatError where finding them takes out of all proportion.
    [[nodiscard]] KAYGRAPH_EXPORT std::vector<std::pair<std::size_t, std::size_t>> matches_in(
        std::string_view text
    ) const;

private:
    class Search;

    PatternProgram program_;
    std::array<bool, 256> may_start_{};  ///< by the first byte; all where a match may be empty
};

}  // namespace kaygraph::models::detail
