// Any bytes as a pattern, up to a NUL, and the rest as a text: refused, or the matches that trying one way after the
// other finds.
#include "models/code_points.hpp"
#include "models/pattern.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using kaygraph::models::detail::compile_pattern;
using kaygraph::models::detail::Pattern;
using kaygraph::models::detail::PatternProgram;
using kaygraph::models::detail::PatternStep;
using kaygraph::models::detail::take_code_point;

void check(bool is_right) {
    if (!is_right) {
        __builtin_trap();
    }
}

/// Tries the ways through a pattern without assertions in their order.
class Backtracking {
public:
    Backtracking(const PatternProgram& program, std::string_view text)
        : program_(&program), text_(text) {}

    /// Returns where the preferred match that begins at a place ends.
    std::optional<std::size_t> match_at(std::size_t at) {
        dead_.assign(program_->steps.size() * (text_.size() + 1), false);
        return walk(0, at);
    }

private:
    std::optional<std::size_t> walk(std::size_t index, std::size_t at) {
        const std::size_t state = index * (text_.size() + 1) + at;
        if (dead_[state]) {
            return {};
        }
        dead_[state] = true;  // until it is found, it does not match
        const PatternStep& step = program_->steps[index];
        switch (step.kind) {
            case PatternStep::Kind::match:
                return at;
            case PatternStep::Kind::one: {
                std::string_view rest = text_.substr(at);
                if (rest.empty() || !program_->sets[step.set].has(take_code_point(rest))) {
                    return {};
                }
                return walk(step.first, text_.size() - rest.size());
            }
            case PatternStep::Kind::split:
                if (const auto end = walk(step.first, at)) {
                    return end;
                }
                return walk(step.second, at);
            case PatternStep::Kind::jump:
            case PatternStep::Kind::assert:
                break;
        }
        return walk(step.first, at);
    }

    const PatternProgram* program_;
    std::string_view text_;
    std::vector<bool> dead_;
};

/// The text in UTF-8, whatever the bytes are.
std::string sound(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        if (value < 0x80) {
            text.push_back(byte);
        } else {
            kaygraph::models::detail::append_code_point(0x80U + value * 37U, text);
        }
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<char> bytes(data, data + size);
    const std::string_view all{bytes.data(), bytes.size()};
    const std::size_t end = all.find('\0');
    const std::string_view source = all.substr(0, end);
    const std::string text = sound(end == std::string_view::npos ? all : all.substr(end + 1));
    try {
        const auto matches = Pattern{source}.matches_in(text);
        std::size_t last = 0;
        for (std::size_t i = 0; i < matches.size(); ++i) {
            const auto& [begin, past] = matches[i];
            check(begin <= past && past <= text.size());
            check(i == 0 || begin > last || (begin == last && past > begin));
            last = past;
        }
        const PatternProgram program = compile_pattern(source);
        const bool has_assertions =
            std::any_of(program.steps.begin(), program.steps.end(), [](const PatternStep& step) {
                return step.kind == PatternStep::Kind::assert;
            });
        if (has_assertions || program.steps.size() * text.size() > 4096) {
            return 0;
        }
        Backtracking oracle{program, text};
        for (std::size_t at = 0, found = 0; at <= text.size();) {
            const auto past = oracle.match_at(at);
            const bool is_again =
                past && *past == at && found != 0 && matches[found - 1].second == at;
            if (past && !is_again) {
                check(found < matches.size() && matches[found] == std::pair{at, *past});
                ++found;
            }
            if (past && *past != at) {
                at = *past;
                continue;
            }
            std::string_view rest = std::string_view{text}.substr(at);
            if (rest.empty()) {
                check(found == matches.size());
                break;
            }
            take_code_point(rest);
            at = text.size() - rest.size();
        }
    } catch (const kaygraph::ArgumentError&) {  // no pattern, or not supported
    } catch (const kaygraph::FormatError&) {    // takes too long
    }
    return 0;
}
