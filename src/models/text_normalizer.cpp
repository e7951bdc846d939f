#include "models/text_normalizer.hpp"

#include "models/character_classes.hpp"
#include "models/code_points.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <utility>

namespace kaygraph::models::detail {
namespace {

std::size_t length_of_first(std::string_view text) noexcept {
    std::string_view rest = text;
    if (!rest.empty()) {
        take_code_point(rest);
    }
    return text.size() - rest.size();
}

/// Makes a text of what `append` does with each of its code points, and of what stands at its front.
template <class Append>
void map_points(NormalizedText& text, const Append& append) {
    std::string mapped;
    mapped.reserve(text.text.size());
    std::size_t from_start = 0;
    for (std::string_view rest = text.text; !rest.empty();) {
        const bool is_from_start = text.text.size() - rest.size() < text.from_start;
        append(take_code_point(rest), mapped);
        from_start = is_from_start ? mapped.size() : from_start;
    }
    text = {std::move(mapped), from_start};
}

/// The same of a function of the whole text. `keeps_start`: its first character takes the place of the one before it.
template <class Append>
void map_text(NormalizedText& text, bool keeps_start, const Append& append) {
    std::string mapped;
    mapped.reserve(text.text.size());
    append(std::string_view{text.text}, mapped);
    std::string front;
    if (text.from_start != 0) {
        append(std::string_view{text.text}.substr(0, text.from_start), front);
    }
    const std::size_t least = keeps_start && text.from_start != 0 ? length_of_first(mapped) : 0;
    text = {std::move(mapped), std::max(front.size(), least)};
}

bool is_nmt_control(char32_t point) noexcept {
    return (point >= 0x01 && point <= 0x08) || point == 0x0B || (point >= 0x0E && point <= 0x1F)
           || point == 0x7F || point == 0x8F || point == 0x9F;
}

bool is_nmt_space(char32_t point) noexcept {
    return point == 0x09 || point == 0x0A || point == 0x0C || point == 0x0D || point == 0x1680
           || (point >= 0x200B && point <= 0x200F) || point == 0x2028 || point == 0x2029
           || point == 0x2581 || point == 0xFEFF || point == 0xFFFD;
}

/// How large normalizers may make a text. Those that are meant well make it 18 times as long at most.
std::size_t largest_of(std::string_view text) noexcept {
    return (std::size_t{1} << 20U) + 64 * text.size();
}

void require_size(std::size_t n, std::size_t most) {
    if (n > most) {
        throw FormatError(
            ErrorCode::malformed, "the normalizers of the tokenizer make far too much of this text"
        );
    }
}

class Apply {
public:
    Apply(NormalizedText& text, std::size_t most) : text_(&text), most_(most) {}

    void operator()(const FormStep& step) const {
        map_text(*text_, true, [&](std::string_view text, std::string& to) {
            append_form(text, step.form, to);
        });
    }
    void operator()(const LowercaseStep& /*step*/) const { map_points(*text_, append_lower); }
    void operator()(const StripAccentsStep& /*step*/) const {
        map_points(*text_, [](char32_t point, std::string& to) {
            if (!is_mark(point)) {
                append_code_point(point, to);
            }
        });
    }
    void operator()(const StripStep& step) const {
        std::string& text = text_->text;
        if (step.right) {
            text.resize(text.size() - white_space_before(text).size());
        }
        if (step.left) {
            const std::size_t n = white_space_after(text).size();
            text.erase(0, n);
            text_->from_start -= std::min(n, text_->from_start);
        }
        text_->from_start = std::min(text_->from_start, text.size());
    }
    void operator()(const NmtStep& /*step*/) const {
        map_points(*text_, [](char32_t point, std::string& to) {
            if (!is_nmt_control(point)) {
                append_code_point(is_nmt_space(point) ? U' ' : point, to);
            }
        });
    }
    void operator()(const PrependStep& step) const {
        if (!text_->text.empty()) {
            text_->text.insert(0, step.prefix);
            text_->from_start += text_->from_start == 0 ? 0 : step.prefix.size();
        }
    }
    void operator()(const ReplaceStep& step) const {
        const std::string_view text = text_->text;
        if (text.empty()) {  // matches nothing, not even what matches nothing
            return;
        }
        if (step.pattern != nullptr) {
            replace(step.pattern->matches_in(text), step.content);
            return;
        }
        std::vector<std::pair<std::size_t, std::size_t>> matches;
        for (std::size_t at = text.find(step.text); at != std::string_view::npos;) {
            const std::size_t last = at + step.text.size();
            matches.emplace_back(at, last);
            at = text.find(step.text, last);
        }
        replace(matches, step.content);
    }
    void operator()(const Charsmap& map) const {
        // what follows characters that go takes their place
        map_text(*text_, true, [&](std::string_view text, std::string& to) {
            while (!text.empty()) {
                map.append_first(text, to);
                require_size(to.size(), most_);
            }
        });
    }
    void operator()(const std::shared_ptr<const BertNormalizer>& step) const {
        map_text(*text_, false, [&](std::string_view text, std::string& to) {
            std::vector<ClassedPoint> points;
            step->append_normalized(text, to, points);
        });
    }

private:
    void replace(
        const std::vector<std::pair<std::size_t, std::size_t>>& matches,
        const std::string& content
    ) const {
        if (matches.empty()) {
            return;
        }
        require_size(content.size(), most_ / matches.size());
        const std::string_view text = text_->text;
        std::string replaced;
        std::size_t from_start = 0;
        std::size_t kept = 0;
        // what is put in counts as the last byte that it replaces, or as the one before
        const auto keep = [&](std::size_t last) {
            replaced += text.substr(kept, last - kept);
            if (kept < text_->from_start) {
                from_start = replaced.size() - (last - std::min(last, text_->from_start));
            }
        };
        for (const auto& [first, last] : matches) {
            keep(first);
            replaced += content;
            if (last == 0 || last <= text_->from_start) {
                from_start = replaced.size();
            }
            kept = last;
        }
        keep(text.size());
        *text_ = {std::move(replaced), from_start};
    }

    NormalizedText* text_;
    std::size_t most_;
};

}  // namespace

std::optional<BertNormalizerOptions> TextNormalizer::only_bert() const {
    if (steps_.empty()) {
        return BertNormalizerOptions{false, false, false, false};
    }
    const auto* const bert = std::get_if<std::shared_ptr<const BertNormalizer>>(&steps_.front());
    return steps_.size() == 1 && bert != nullptr ? std::optional{(*bert)->options()} : std::nullopt;
}

void TextNormalizer::normalize(std::string_view text, bool at_start, NormalizedText& normalized)
    const {
    const std::size_t most = largest_of(text);
    normalized.text.clear();
    while (!text.empty()) {  // what is no UTF-8 is U+FFFD
        append_code_point(take_code_point(text), normalized.text);
    }
    normalized.from_start = at_start ? length_of_first(normalized.text) : 0;
    for (const NormalizerStep& step : steps_) {
        std::visit(Apply{normalized, most}, step);
        require_size(normalized.text.size(), most);
    }
    normalized.from_start = at_start ? normalized.from_start : 0;
}

}  // namespace kaygraph::models::detail
