#include "models/unigram_model.hpp"

#include "files/shown.hpp"
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

/// Gives what stands between white space, by its first and last byte.
template <class Give>
void for_each_field(std::string_view text, const Give& give) {
    std::size_t first = 0;
    const auto end_at = [&](std::size_t last) {
        if (first < last) {
            give(first, last);
        }
    };
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t at = text.size() - rest.size();
        if (is_white_space(take_code_point(rest))) {
            end_at(at);
            first = text.size() - rest.size();
        }
    }
    end_at(text.size());
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
    SpaceOptions spaces,
    const std::vector<UnigramPiece>& pieces,
    std::uint32_t unknown_id,
    bool byte_fallback
)
    : spaces_(std::move(spaces)),
      scores_(pieces.size()),
      trie_(total_bytes(pieces)),
      root_(trie_.add_root()),
      unknown_id_(unknown_id),
      has_byte_fallback_(byte_fallback) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = pieces.size(); i-- > 0;) {
        const UnigramPiece& piece = pieces[i];
        const bool is_new = !piece.text.empty() && find(piece.text) == ByteTrie::no_id;
        if (is_new && !trie_.add(root_, piece.text, static_cast<std::uint32_t>(i))) {
            throw ArgumentError("the pieces of a Unigram vocabulary are too many");
        }
        scores_[i] = piece.score;
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

NormalizedText UnigramModel::normalize(std::string_view text, bool at_start) const {
    NormalizedText sound;
    append_sound(text, sound.text);
    sound.from_start = at_start ? 1 : 0;
    return sound;
}

void UnigramModel::encode(std::string_view text, bool at_start, Ids& ids, TextModelScratch& scratch)
    const {
    Scratch& own = static_cast<Scratch&>(scratch);
    own.sound.clear();
    append_sound(text, own.sound);
    encode_normalized(own.sound, at_start ? 1 : 0, ids, own);
}

void UnigramModel::encode_normalized(
    std::string_view text,
    std::size_t from_start,
    Ids& ids,
    TextModelScratch& scratch
) const {
    Scratch& own = static_cast<Scratch&>(scratch);
    if (!spaces_.splits_before) {
        encode_piece(text, from_start != 0, ids, own);
        return;
    }
    for_each_field(text, [&](std::size_t first, std::size_t last) {
        encode_piece(text.substr(first, last - first), first < from_start, ids, own);
    });
}

/// Metaspace on a piece.
void UnigramModel::encode_piece(std::string_view piece, bool at_start, Ids& ids, Scratch& scratch)
    const {
    if (piece.empty() || !spaces_.metaspace) {
        encode_word(piece, ids, scratch);
        return;
    }
    const MetaspaceOptions& metaspace = *spaces_.metaspace;
    std::string& marked = scratch.marked;
    marked.clear();
    for (const char byte : piece) {
        if (byte == ' ') {
            marked += metaspace.replacement;
        } else {
            marked += byte;
        }
    }
    const bool is_prepended = metaspace.prepend == PrependScheme::always
                              || (metaspace.prepend == PrependScheme::first && at_start);
    if (is_prepended && !starts_with(marked, metaspace.replacement)) {
        marked.insert(0, metaspace.replacement);
    }
    std::string_view rest = marked;
    while (!rest.empty()) {
        const std::size_t next =
            metaspace.split ? rest.find(metaspace.replacement, 1) : std::string_view::npos;
        encode_word(rest.substr(0, next), ids, scratch);
        rest.remove_prefix(std::min(next, rest.size()));
    }
}

void UnigramModel::encode_word(std::string_view word, Ids& ids, Scratch& scratch) const {
    if (!spaces_.splits_after) {
        cut(word, ids, scratch);
        return;
    }
    for_each_field(word, [&](std::size_t first, std::size_t last) {
        cut(word.substr(first, last - first), ids, scratch);
    });
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
            if (unknown_id_ == ByteTrie::no_id && steps[at + length].first == at) {
                refuse_unknown(word.substr(at, length));
            }
        }
        at += length;
    }
}

void UnigramModel::refuse_unknown(std::string_view text) {
    throw FormatError(
        ErrorCode::malformed,
        "expected a text of pieces that the tokenizer knows, as its unk_id is null, found "
            + kaygraph::detail::shown(text)
    );
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
