// Reads regular expressions: recursive descent, one function a level of the grammar.
#include "files/shown.hpp"
#include "models/code_points.hpp"
#include "models/pattern.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace kaygraph::models::detail {
namespace {

using Kind = PatternStep::Kind;
using Assertion = PatternStep::Assertion;

constexpr std::size_t most_steps = 10'000;
constexpr std::size_t most_depth = 50;
constexpr char32_t last_point = 0x10FFFF;

class Compiler {
public:
    explicit Compiler(std::string_view pattern) : pattern_(pattern), rest_(pattern) {}

    PatternProgram compile() {
        alternatives();
        if (!rest_.empty()) {
            refuse("a parenthesis that opens before", "one that closes");
        }
        add({.kind = Kind::match});
        for (PointSet& set : program_.sets) {
            set.close();
        }
        return std::move(program_);
    }

private:
    [[noreturn]] void refuse(const std::string& expected, const std::string& found) const {
        throw ArgumentError(
            "the pattern " + kaygraph::detail::shown(pattern_) + ": expected " + expected
            + ", found " + found
        );
    }
    [[noreturn]] void refuse(std::string_view what) const {
        throw ArgumentError(
            "the pattern " + kaygraph::detail::shown(pattern_) + " needs "
            + kaygraph::detail::shown(what) + ", which is not supported"
        );
    }

    // ---- characters

    [[nodiscard]] bool starts(std::string_view with) const noexcept {
        return rest_.starts_with(with);
    }
    bool take(std::string_view what) noexcept {
        const bool is_there = starts(what);
        rest_.remove_prefix(is_there ? what.size() : 0);
        return is_there;
    }
    char32_t take_point(const char* expected) {
        if (rest_.empty()) {
            refuse(expected, "the end");
        }
        return take_code_point(rest_);
    }

    // ---- steps

    std::uint32_t here() const noexcept {
        return static_cast<std::uint32_t>(program_.steps.size());
    }

    std::uint32_t add(const PatternStep& step) {
        if (program_.steps.size() >= most_steps) {
            refuse("at most " + std::to_string(most_steps) + " steps", "more");
        }
        program_.steps.push_back(step);
        return here() - 1;
    }
    std::uint32_t add_set(PointSet set) {
        program_.sets.push_back(std::move(set));
        return static_cast<std::uint32_t>(program_.sets.size() - 1);
    }
    void add_one(PointSet set) {
        const std::uint32_t index = add_set(std::move(set));
        add({.kind = Kind::one, .set = index, .first = here() + 1});
    }
    void add_assertion(Assertion assertion, std::uint32_t set = 0) {
        add({.kind = Kind::assert, .assertion = assertion, .set = set, .first = here() + 1});
    }
    /// Makes room for a step before others.
    void insert(std::uint32_t at, const PatternStep& step) {
        add(PatternStep{});
        auto& steps = program_.steps;
        std::rotate(steps.begin() + at, steps.end() - 1, steps.end());
        for (std::size_t i = at + 1; i < steps.size(); ++i) {
            steps[i].first += steps[i].first >= at ? 1U : 0U;
            steps[i].second += steps[i].second >= at ? 1U : 0U;
        }
        steps[at] = step;
    }

    // ---- grammar

    void alternatives() {
        const std::uint32_t begin = here();
        sequence();
        if (!take("|")) {
            return;
        }
        // split(begin, other); begin...; jump(end); other...
        insert(begin, {.kind = Kind::split, .first = begin + 1, .second = here() + 2});
        const std::uint32_t jump = add({.kind = Kind::jump});
        program_.steps[begin].second = here();
        alternatives();
        program_.steps[jump].first = here();
    }

    void sequence() {
        while (!rest_.empty() && !starts("|") && !starts(")")) {
            const std::uint32_t begin = here();
            const bool can_repeat = atom();
            repeat(begin, can_repeat);
        }
    }

    /// Returns whether what it took may be repeated.
    bool atom() {
        if (take("(")) {
            return group();
        }
        if (take("[")) {
            PointSet set = bracket();
            add_one(std::move(set));
            return true;
        }
        if (take("^")) {
            add_assertion(Assertion::line_start);
            return false;
        }
        if (take("$")) {
            add_assertion(Assertion::line_end);
            return false;
        }
        PointSet set;
        if (take(".")) {
            set.add(U'\n', U'\n');
            set.negate();
            add_one(std::move(set));
            return true;
        }
        if (take("\\")) {
            return escape();
        }
        for (const std::string_view quantifier : {"*", "+", "?"}) {
            if (starts(quantifier)) {
                refuse("what '" + std::string{quantifier} + "' repeats", "nothing");
            }
        }
        const char32_t point = take_point("a character");
        set.add(point, point);
        add_one(std::move(set));
        return true;
    }

    bool group() {
        struct Look {
            std::string_view begin;
            Assertion assertion;
        };
        constexpr std::array looks{
            Look{"?=", Assertion::before},
            Look{"?!", Assertion::not_before},
            Look{"?<=", Assertion::after},
            Look{"?<!", Assertion::not_after}};
        for (const Look& look : looks) {
            if (take(look.begin)) {
                const std::uint32_t set = add_set(only_set(look.begin));
                add_assertion(look.assertion, set);
                return false;
            }
        }
        if (!take("?:") && starts("?")) {
            refuse("(" + std::string{rest_.substr(0, 3)});
        }
        if (++depth_ > most_depth) {
            refuse("at most " + std::to_string(most_depth) + " parentheses in one another", "more");
        }
        alternatives();
        --depth_;
        if (!take(")")) {
            refuse("a parenthesis that closes", "the end");
        }
        return true;
    }

    /// What is looked at: one character.
    PointSet only_set(std::string_view look) {
        PointSet set;
        if (take("[")) {
            set = bracket();
        } else if (take("\\")) {
            set = escaped_set();
        } else if (take(".")) {
            set.add(U'\n', U'\n');
            set.negate();
        } else {
            const char32_t point = take_point("a character");
            if (point == U'^' || point == U'$' || point == U'(' || point == U')' || point == U'|') {
                refuse("(" + std::string{look} + " with more than a character");
            }
            set.add(point, point);
        }
        if (!take(")")) {
            refuse("(" + std::string{look} + " with more than a character");
        }
        return set;
    }

    /// After a backslash, outside brackets.
    bool escape() {
        struct Border {
            std::string_view letter;
            Assertion assertion;
        };
        constexpr std::array borders{
            Border{"A", Assertion::text_start},
            Border{"z", Assertion::text_end},
            Border{"Z", Assertion::text_end_or_last_newline},
            Border{"b", Assertion::word_border},
            Border{"B", Assertion::no_word_border}};
        for (const Border& border : borders) {
            if (take(border.letter)) {
                add_assertion(border.assertion);
                return false;
            }
        }
        add_one(escaped_set());
        return true;
    }

    /// After a backslash: a class, or one character.
    PointSet escaped_set() {
        PointSet set;
        if (!add_class(set)) {
            const char32_t point = escaped_point();
            set.add(point, point);
        }
        return set;
    }

    /// After a backslash: adds what \s, \d, \w, \h, \p{...} and their opposites stand for; false where it is none of them.
    bool add_class(PointSet& set) {
        struct Letter {
            char small;
            PointSet::Class what;
        };
        constexpr std::array letters{
            Letter{'s', PointSet::Class::space},
            Letter{'d', PointSet::Class::digit},
            Letter{'w', PointSet::Class::word},
            Letter{'h', PointSet::Class::hex_digit}};
        const char next = rest_.empty() ? '\0' : rest_.front();
        for (const Letter& letter : letters) {
            if (next == letter.small || next == letter.small - 'a' + 'A') {
                rest_.remove_prefix(1);
                set.add(letter.what, next != letter.small);
                return true;
            }
        }
        if (next != 'p' && next != 'P') {
            return false;
        }
        rest_.remove_prefix(1);
        const std::size_t end = rest_.find('}');
        if (!starts("{") || end == std::string_view::npos) {
            refuse("a property in braces", kaygraph::detail::shown(rest_, 10));
        }
        std::string_view name = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        const bool is_not = name.starts_with('^');
        name.remove_prefix(is_not ? 1 : 0);
        add_category(set, name, is_not != (next == 'P'));
        return true;
    }

    void add_category(PointSet& set, std::string_view name, bool negated) const {
        constexpr std::string_view majors = "LMNPSZC";
        constexpr std::string_view minors = "ultmoencdskfpi";
        const bool is_category =
            (name.size() == 1 || name.size() == 2) && majors.find(name[0]) != std::string_view::npos
            && (name.size() == 1 || minors.find(name[1]) != std::string_view::npos);
        if (!is_category) {
            refuse("\\p{" + std::string{name} + "}");
        }
        set.add(PointSet::Class::category, negated, name);
    }

    /// After a backslash: one character.
    char32_t escaped_point() {
        const char32_t point = take_point("a character after \\");
        switch (point) {
            case U't':
                return U'\t';
            case U'n':
                return U'\n';
            case U'r':
                return U'\r';
            case U'f':
                return U'\f';
            case U'v':
                return U'\v';
            case U'a':
                return U'\a';
            case U'e':
                return U'\x1b';
            case U'x':
                return take("{") ? hexadecimal(1, 8, "}") : hexadecimal(1, 2, "");
            case U'u':
                return hexadecimal(4, 4, "");
            default:
                break;
        }
        const bool is_alphanumeric = (point >= U'0' && point <= U'9')
                                     || (point >= U'a' && point <= U'z')
                                     || (point >= U'A' && point <= U'Z');
        if (is_alphanumeric) {
            refuse("\\" + std::string(1, static_cast<char>(point)));
        }
        return point;
    }

    char32_t hexadecimal(std::size_t least, std::size_t most, std::string_view end) {
        std::uint32_t value = 0;
        const char* const first = rest_.data();
        const char* const last = first + std::min(most, rest_.size());
        const auto read = std::from_chars(first, last, value, 16);
        const auto n = static_cast<std::size_t>(read.ptr - first);
        const bool is_sound = read.ec == std::errc{} && n >= least && value <= last_point
                              && (value < 0xD800 || value > 0xDFFF);
        rest_.remove_prefix(n);
        if (!is_sound || !take(end)) {
            refuse("the number of a character", kaygraph::detail::shown(rest_, 10));
        }
        return value;
    }

    /// After an opening bracket.
    PointSet bracket() {
        PointSet set;
        const bool negated = take("^");
        if (starts("]")) {
            refuse("characters in brackets", "']'");
        }
        while (!take("]")) {
            if (starts("&&") || (starts("[") && !starts("[:"))) {
                refuse("brackets in brackets");
            }
            if (take("[:")) {
                add_posix(set);
            } else if (take("\\")) {
                if (take("b")) {
                    set.add(U'\b', U'\b');
                } else if (!add_class(set)) {
                    add_range(set, escaped_point());
                }
            } else {
                add_range(set, take_point("a bracket that closes"));
            }
        }
        if (negated) {
            set.negate();
        }
        return set;
    }

    void add_range(PointSet& set, char32_t first) {
        if (!starts("-") || starts("-]")) {
            set.add(first, first);
            return;
        }
        take("-");
        if (starts("[")) {
            refuse("brackets in brackets");
        }
        const char32_t last = take("\\") ? escaped_point() : take_point("the end of a range");
        if (last < first) {
            refuse("a range that goes up", "one that goes down");
        }
        set.add(first, last);
    }

    /// After "[:".
    void add_posix(PointSet& set) {
        const bool negated = take("^");
        if (take("space:]")) {
            set.add(PointSet::Class::space, negated);
        } else if (take("digit:]")) {
            set.add(PointSet::Class::digit, negated);
        } else if (take("word:]")) {
            set.add(PointSet::Class::word, negated);
        } else if (take("punct:]") && !negated) {
            set.add(PointSet::Class::category, false, "P");
            set.add(PointSet::Class::category, false, "S");
        } else {
            refuse("[:" + std::string{rest_.substr(0, rest_.find(']'))});
        }
    }

    struct Times {
        std::uint32_t least = 0;
        std::uint32_t most = unbounded;
        static constexpr std::uint32_t unbounded = std::numeric_limits<std::uint32_t>::max();
    };

    /// Takes a quantifier, where there is one.
    std::optional<Times> times() {
        if (take("*")) {
            return Times{0, Times::unbounded};
        }
        if (take("+")) {
            return Times{1, Times::unbounded};
        }
        if (take("?")) {
            return Times{0, 1};
        }
        // {n}, {n,}, {,m}, {n,m}; any other brace is a character
        if (!starts("{")) {
            return {};
        }
        std::string_view at = rest_.substr(1);
        const auto number = [&](std::uint32_t& value) {
            const auto read = std::from_chars(at.data(), at.data() + at.size(), value);
            const bool is_there = read.ec == std::errc{};
            at.remove_prefix(static_cast<std::size_t>(read.ptr - at.data()));
            return is_there;
        };
        Times times;
        const bool has_least = number(times.least);
        bool has_most = false;
        if (at.starts_with(',')) {
            at.remove_prefix(1);
            has_most = number(times.most);
            times.most = has_most ? times.most : Times::unbounded;
        } else {
            times.most = times.least;
        }
        if (!at.starts_with('}') || (!has_least && !has_most)) {
            return {};
        }
        at.remove_prefix(1);
        rest_ = at;
        constexpr std::uint32_t most = 1000;
        if (times.least > most || (times.most > most && times.most != Times::unbounded)
            || times.least > times.most) {
            refuse("0 to 1000 times, the fewer first", "others");
        }
        return times;
    }

    void repeat(std::uint32_t begin, bool can_repeat) {
        while (const auto wanted = times()) {
            if (!can_repeat) {
                refuse("a place that is repeated");
            }
            const bool is_lazy = take("?");
            if (is_lazy && wanted->least == wanted->most) {
                refuse("{n}?");
            }
            if (starts("+")) {
                refuse("a quantifier that never gives back");
            }
            repeat_steps(begin, *wanted, is_lazy);
        }
    }

    void repeat_steps(std::uint32_t begin, const Times& times, bool is_lazy) {
        const std::vector<PatternStep> body{
            program_.steps.begin() + static_cast<std::ptrdiff_t>(begin), program_.steps.end()};
        program_.steps.resize(begin);
        const auto append_body = [&] {
            const std::uint32_t shift = here() - begin;
            for (PatternStep step : body) {
                step.first += shift;
                step.second += shift;
                add(step);
            }
        };
        const auto add_split = [&](std::uint32_t into, std::uint32_t past) {
            return add(
                {.kind = Kind::split,
                 .first = is_lazy ? past : into,
                 .second = is_lazy ? into : past}
            );
        };
        for (std::uint32_t i = 0; i < times.least; ++i) {
            append_body();
        }
        const auto length = static_cast<std::uint32_t>(body.size());
        if (times.most == Times::unbounded) {  // split(body, past); body; jump(split)
            const std::uint32_t split = add_split(here() + 1, here() + 2 + length);
            append_body();
            add({.kind = Kind::jump, .first = split});
            return;
        }
        const std::uint32_t n_optional = times.most - times.least;
        const std::uint32_t past = here() + n_optional * (length + 1);
        for (std::uint32_t i = 0; i < n_optional; ++i) {
            add_split(here() + 1, past);
            append_body();
        }
    }

    std::string_view pattern_;
    std::string_view rest_;
    PatternProgram program_;
    std::size_t depth_ = 0;
};

}  // namespace

PatternProgram compile_pattern(std::string_view pattern) {
    return Compiler{pattern}.compile();
}

}  // namespace kaygraph::models::detail
