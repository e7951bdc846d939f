#include "models/pattern.hpp"

#include "models/character_classes.hpp"
#include "models/code_points.hpp"

#include <kaygraph/base/error.hpp>

#include <utf8proc.h>

#include <algorithm>

namespace kaygraph::models::detail {
namespace {

using Kind = PatternStep::Kind;
using Assertion = PatternStep::Assertion;

bool is_in_category(char32_t point, std::string_view category) noexcept {
    const std::string_view of = utf8proc_category_string(static_cast<utf8proc_int32_t>(point));
    return of.starts_with(category);
}

/// What \w means to Oniguruma: of the numbers that are no digits those of Latin-1, too.
bool is_word(char32_t point) noexcept {
    const bool is_latin_number =
        point == 0xB2 || point == 0xB3 || point == 0xB9 || (point >= 0xBC && point <= 0xBE);
    return is_latin_number || is_word_character(point);
}

/// Returns the code point before a place that is not the start.
char32_t point_before(std::string_view text, std::size_t at) noexcept {
    std::string_view last = text.substr(0, at);
    last.remove_prefix(start_of_last(last));
    return take_code_point(last);
}

char32_t point_at(std::string_view text, std::size_t at) noexcept {
    std::string_view rest = text.substr(at);
    return take_code_point(rest);
}

}  // namespace

void PointSet::add(Class what, bool negated, std::string_view category) {
    properties_.push_back(
        {what,
         negated,
         {category.empty() ? '\0' : category[0], category.size() < 2 ? '\0' : category[1]}}
    );
}

void PointSet::close() {
    for (char32_t point = 0; point < ascii_.size(); ++point) {
        ascii_[point] = search(point);
    }
}

bool PointSet::search(char32_t point) const noexcept {
    const bool is_listed = std::any_of(ranges_.begin(), ranges_.end(), [&](const auto& range) {
        return point >= range.first && point <= range.last;
    });
    const auto has_property = [&](const Property& property) {
        switch (property.what) {
            case Class::space:
                return is_white_space(point) != property.negated;
            case Class::digit:
                return is_in_category(point, "Nd") != property.negated;
            case Class::word:
                return is_word(point) != property.negated;
            case Class::hex_digit:
                return ((point >= U'0' && point <= U'9') || (point >= U'a' && point <= U'f')
                        || (point >= U'A' && point <= U'F'))
                       != property.negated;
            case Class::category:
                break;
        }
        const std::size_t length = property.category[1] == '\0' ? 1 : 2;
        return is_in_category(point, {property.category.data(), length}) != property.negated;
    };
    return (is_listed || std::any_of(properties_.begin(), properties_.end(), has_property))
           != negated_;
}

/// One pass over a text with all ways through the pattern at once, in the order of preference.
class Pattern::Search {
public:
    Search(const Pattern& pattern, std::string_view text)
        : pattern_(&pattern),
          steps_(&pattern.program_.steps),
          text_(text),
          seen_(steps_->size()),
          budget_(1'000'000 + 1000 * text.size()) {}

    /// Returns the first match from a place on.
    std::optional<std::pair<std::size_t, std::size_t>> find(std::size_t from) {
        std::optional<std::pair<std::size_t, std::size_t>> match;
        now_.clear();
        for (std::size_t at = from;;) {
            if (now_.empty() && !match) {
                at = next_start(at);
            }
            if (!match) {
                // those that began before are preferred
                begin_place();
                const std::vector<Way> earlier = std::exchange(now_, {});
                for (const Way& way : earlier) {
                    mark(way.step);
                    now_.push_back(way);
                }
                follow(0, at, at, now_);
            }
            const bool is_end = at == text_.size();
            if (now_.empty() && (match || is_end)) {
                return match;
            }
            at = take_character(at, match);
            if (is_end) {
                return match;
            }
        }
    }

private:
    /// A way through the pattern stands before a step that takes a character, or at the end.
    struct Way {
        std::uint32_t step;
        std::size_t start;
    };

    /// Goes on along all ways, up to one that has ended in a match. Returns the place after the character at `at`.
    std::size_t take_character(
        std::size_t at,
        std::optional<std::pair<std::size_t, std::size_t>>& match
    ) {
        const bool is_end = at == text_.size();
        std::string_view rest = text_.substr(at);
        const char32_t point = is_end ? 0 : take_code_point(rest);
        const std::size_t next = text_.size() - rest.size();
        then_.clear();
        begin_place();
        for (const Way& way : now_) {
            pay();
            const PatternStep& step = (*steps_)[way.step];
            if (step.kind == Kind::match) {
                match = {way.start, at};
                break;  // what follows is preferred less
            }
            if (!is_end && pattern_->program_.sets[step.set].has(point)) {
                follow(step.first, next, way.start, then_);
            }
        }
        now_.swap(then_);
        return next;
    }

    void begin_place() noexcept { ++place_; }
    /// Returns whether a step is new at this place.
    bool mark(std::uint32_t step) noexcept { return std::exchange(seen_[step], place_) != place_; }

    void pay() {
        if (budget_-- == 0) {
            throw FormatError(
                ErrorCode::malformed, "a pattern of the tokenizer takes too long on this text"
            );
        }
    }

    [[nodiscard]] std::size_t next_start(std::size_t at) const noexcept {
        while (at < text_.size() && !pattern_->may_start_[static_cast<unsigned char>(text_[at])]) {
            ++at;
        }
        return at;
    }

    /// Adds all that can be reached without taking a character, in the order of preference.
    void follow(std::uint32_t step, std::size_t at, std::size_t start, std::vector<Way>& ways) {
        stack_.assign(1, step);
        while (!stack_.empty()) {
            const std::uint32_t index = stack_.back();
            stack_.pop_back();
            if (!mark(index)) {
                continue;
            }
            pay();
            const PatternStep& of = (*steps_)[index];
            switch (of.kind) {
                case Kind::one:
                case Kind::match:
                    ways.push_back({index, start});
                    break;
                case Kind::jump:
                    stack_.push_back(of.first);
                    break;
                case Kind::split:
                    stack_.push_back(of.second);
                    stack_.push_back(of.first);
                    break;
                case Kind::assert:
                    if (holds(of, at)) {
                        stack_.push_back(of.first);
                    }
                    break;
            }
        }
    }

    [[nodiscard]] bool holds(const PatternStep& step, std::size_t at) const noexcept {
        const bool is_start = at == 0;
        const bool is_end = at == text_.size();
        const auto is_word_before = [&] {
            return !is_start && is_word(point_before(text_, at));
        };
        const auto is_word_after = [&] {
            return !is_end && is_word(point_at(text_, at));
        };
        const auto has = [&](char32_t point) {
            return pattern_->program_.sets[step.set].has(point);
        };
        switch (step.assertion) {
            case Assertion::line_start:  // a newline at the end begins no line
                return is_start || (text_[at - 1] == '\n' && !is_end);
            case Assertion::line_end:
                return is_end || text_[at] == '\n';
            case Assertion::text_start:
                return is_start;
            case Assertion::text_end:
                return is_end;
            case Assertion::text_end_or_last_newline:
                return is_end || (at + 1 == text_.size() && text_[at] == '\n');
            case Assertion::word_border:
                return is_word_before() != is_word_after();
            case Assertion::no_word_border:
                return is_word_before() == is_word_after();
            case Assertion::before:
                return !is_end && has(point_at(text_, at));
            case Assertion::not_before:
                return is_end || !has(point_at(text_, at));
            case Assertion::after:
                return !is_start && has(point_before(text_, at));
            case Assertion::not_after:
                return is_start || !has(point_before(text_, at));
        }
        return false;
    }

    const Pattern* pattern_;
    const std::vector<PatternStep>* steps_;
    std::string_view text_;
    std::vector<std::uint64_t> seen_;  // the place where each step was reached last
    std::uint64_t place_ = 0;
    std::uint64_t budget_;
    std::vector<Way> now_;
    std::vector<Way> then_;
    std::vector<std::uint32_t> stack_;
};

Pattern::Pattern(std::string_view pattern) : program_(compile_pattern(pattern)) {
    // what is reached without taking a character, whatever is asserted
    std::vector<std::uint32_t> stack{0};
    std::vector<bool> seen(program_.steps.size());
    while (!stack.empty()) {
        const std::uint32_t index = stack.back();
        stack.pop_back();
        if (seen[index]) {
            continue;
        }
        seen[index] = true;
        const PatternStep& step = program_.steps[index];
        switch (step.kind) {
            case Kind::match:
                may_start_.fill(true);
                break;
            case Kind::one:
                for (std::size_t byte = 0; byte < may_start_.size(); ++byte) {
                    const bool is_ascii = byte < 0x80;
                    may_start_[byte] = may_start_[byte] || !is_ascii
                                       || program_.sets[step.set].has(static_cast<char32_t>(byte));
                }
                break;
            case Kind::split:
                stack.push_back(step.second);
                stack.push_back(step.first);
                break;
            case Kind::jump:
            case Kind::assert:
                stack.push_back(step.first);
                break;
        }
    }
}

std::vector<std::pair<std::size_t, std::size_t>> Pattern::matches_in(std::string_view text) const {
    std::vector<std::pair<std::size_t, std::size_t>> matches;
    Search search{*this, text};
    std::size_t at = 0;
    while (at <= text.size()) {
        const auto match = search.find(at);
        if (!match) {
            break;
        }
        const bool is_empty_again = match->first == match->second && !matches.empty()
                                    && matches.back().second == match->first;
        if (is_empty_again) {
            std::string_view rest = text.substr(at);
            if (rest.empty()) {
                break;
            }
            take_code_point(rest);
            at = text.size() - rest.size();
            continue;
        }
        matches.push_back(*match);
        at = match->second;
    }
    return matches;
}

}  // namespace kaygraph::models::detail
