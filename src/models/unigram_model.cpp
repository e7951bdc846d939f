#include "models/unigram_model.hpp"

#include "models/character_classes.hpp"
#include "models/code_points.hpp"

#include <kaygraph/base/error.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace kaygraph::models::detail {
namespace {

constexpr double unknown_penalty = 10.0;

std::size_t total_bytes(const std::vector<UnigramPiece>& pieces) {
    return std::accumulate(
        pieces.begin(),
        pieces.end(),
        std::size_t{0},
        [](std::size_t sum, const UnigramPiece& piece) { return sum + piece.text.size(); }
    );
}

/// "<0x0A>"
std::string name_of_byte(unsigned byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return std::string{"<0x"} + digits[byte >> 4U] + digits[byte & 15U] + '>';
}

/// Appends a text with U+FFFD for what is not UTF-8.
void append_sound(std::string_view text, std::string& sound) {
    while (!text.empty()) {
        append_code_point(take_code_point(text), sound);
    }
}

bool starts_with(std::string_view text, std::string_view beginning) noexcept {
    return text.substr(0, beginning.size()) == beginning;
}

}  // namespace

/// The best way to a place in a word: its last piece.
struct UnigramModel::Step {
    double score = 0.0;
    std::size_t first = none;  // where the last piece starts
    std::uint32_t id = ByteTrie::no_id;

    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    void offer(double other_score, std::size_t other_first, std::uint32_t other_id) noexcept {
        if (first == none || other_score > score) {
            *this = {other_score, other_first, other_id};
        }
    }
};

struct UnigramModel::Scratch final : TextModelScratch {
    std::string sound;   // the text, of well-formed UTF-8
    std::string marked;  // with marks for spaces
    std::vector<Step> steps;
    std::vector<std::pair<std::size_t, std::size_t>> pieces;
};

UnigramModel::UnigramModel(
    MetaspaceOptions metaspace,
    std::vector<UnigramPiece> pieces,
    std::uint32_t unknown_id,
    bool byte_fallback
)
    : metaspace_(std::move(metaspace)),
      trie_(total_bytes(pieces)),
      root_(trie_.add_root()),
      unknown_id_(unknown_id),
      has_byte_fallback_(byte_fallback) {
    double least = std::numeric_limits<double>::infinity();
    scores_.reserve(pieces.size());
    for (const UnigramPiece& piece : pieces) {
        if (!trie_.add(root_, piece.text, static_cast<std::uint32_t>(scores_.size()))) {
            throw ArgumentError("a piece of a Unigram vocabulary is there twice, or it is too large"
            );
        }
        scores_.push_back(piece.score);
        least = std::min(least, piece.score);
    }
    unknown_score_ = least - unknown_penalty;
    for (unsigned byte = 0; byte < byte_ids_.size(); ++byte) {
        byte_ids_[byte] = find(name_of_byte(byte));
    }
}

std::unique_ptr<TextModelScratch> UnigramModel::make_scratch() const {
    return std::make_unique<Scratch>();
}

std::string UnigramModel::normalize(std::string_view text) const {
    std::string sound;
    append_sound(text, sound);
    return sound;
}

void UnigramModel::encode(std::string_view text, bool at_start, Ids& ids, TextModelScratch& scratch)
    const {
    Scratch& own = static_cast<Scratch&>(scratch);
    own.sound.clear();
    append_sound(text, own.sound);
    encode_spaced(own.sound, at_start, ids, own);
}

void UnigramModel::encode_normalized(std::string_view text, bool at_start, Ids& ids) const {
    Scratch scratch;
    encode_spaced(text, at_start, ids, scratch);
}

/// Cuts at white space where that is wanted; the rest is Metaspace on each part.
void UnigramModel::encode_spaced(std::string_view text, bool at_start, Ids& ids, Scratch& scratch)
    const {
    const auto encode_part = [&](std::string_view part, bool is_first) {
        if (part.empty()) {
            return;
        }
        std::string& marked = scratch.marked;
        marked.clear();
        for (const char byte : part) {
            if (byte == ' ') {
                marked += metaspace_.replacement;
            } else {
                marked += byte;
            }
        }
        const bool is_prepended = metaspace_.prepend == PrependScheme::always
                                  || (metaspace_.prepend == PrependScheme::first && is_first);
        if (is_prepended && !starts_with(marked, metaspace_.replacement)) {
            marked.insert(0, metaspace_.replacement);
        }
        std::string_view rest = marked;
        while (!rest.empty()) {
            const std::size_t next =
                metaspace_.split ? rest.find(metaspace_.replacement, 1) : std::string_view::npos;
            cut(rest.substr(0, next), ids, scratch);
            rest.remove_prefix(std::min(next, rest.size()));
        }
    };
    if (!metaspace_.drop_spaces) {
        encode_part(text, at_start);
        return;
    }
    std::string_view rest = text;
    std::size_t first = 0;
    while (!rest.empty()) {
        const std::size_t at = text.size() - rest.size();
        if (is_white_space(take_code_point(rest))) {
            encode_part(text.substr(first, at - first), at_start && first == 0);
            first = text.size() - rest.size();
        }
    }
    encode_part(text.substr(first), at_start && first == 0);
}

void UnigramModel::fill_steps(std::string_view word, std::vector<Step>& steps) const {
    steps.assign(word.size() + 1, Step{});
    for (std::size_t at = 0; at < word.size();) {
        const double so_far = steps[at].score;
        const std::size_t length = length_of_code_point(word[at]);
        bool has_single = false;
        ByteTrie::Node node = root_;
        for (std::size_t last = at + 1; last <= word.size(); ++last) {
            node = trie_.next(node, word[last - 1]);
            if (node == ByteTrie::nowhere) {
                break;
            }
            const std::uint32_t id = trie_.id_at(node);
            if (id != ByteTrie::no_id) {
                steps[last].offer(so_far + scores_[id], at, id);
                has_single = has_single || last - at == length;
            }
        }
        if (!has_single) {
            steps[at + length].offer(so_far + unknown_score_, at, unknown_id_);
        }
        at += length;
    }
}

/// Neighbours that are unknown become one.
void UnigramModel::cut(std::string_view word, Ids& ids, Scratch& scratch) const {
    fill_steps(word, scratch.steps);
    scratch.pieces.clear();
    std::size_t last = word.size();
    bool was_unknown = false;
    while (last > 0) {
        const Step& step = scratch.steps[last];
        const bool is_unknown = step.id == unknown_id_;
        if (is_unknown && was_unknown) {
            scratch.pieces.back().first = step.first;
        } else {
            scratch.pieces.emplace_back(step.first, last);
        }
        was_unknown = is_unknown;
        last = step.first;
    }
    std::for_each(scratch.pieces.rbegin(), scratch.pieces.rend(), [&](const auto& piece) {
        const std::string_view text = word.substr(piece.first, piece.second - piece.first);
        const std::uint32_t id = find(text);
        if (id != ByteTrie::no_id) {
            ids.push_back(id);
        } else {
            append_unknown(text, ids);
        }
    });
}

void UnigramModel::append_unknown(std::string_view text, Ids& ids) const {
    const auto id_of = [&](char byte) {
        return byte_ids_[static_cast<unsigned char>(byte)];
    };
    const bool has_bytes =
        has_byte_fallback_ && std::all_of(text.begin(), text.end(), [&](char byte) {
            return id_of(byte) != ByteTrie::no_id;
        });
    if (!has_bytes) {
        ids.push_back(unknown_id_);
        return;
    }
    std::transform(text.begin(), text.end(), std::back_inserter(ids), id_of);
}

}  // namespace kaygraph::models::detail
