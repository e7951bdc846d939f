#include "models/bert_model.hpp"

#include "models/code_points.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace kaygraph::models::detail {
namespace {

constexpr bool is_between(unsigned byte, char first, char last) noexcept {
    return byte >= static_cast<unsigned>(first) && byte <= static_cast<unsigned>(last);
}

constexpr bool is_alphanumeric(unsigned byte) noexcept {
    return is_between(byte, '0', '9') || is_between(byte, 'a', 'z') || is_between(byte, 'A', 'Z');
}

constexpr bool is_punctuation(unsigned byte) noexcept {
    return is_between(byte, '!', '~') && !is_alphanumeric(byte);
}

/// Other white space of ASCII may be dropped before it parts anything.
constexpr bool is_space(unsigned byte) noexcept {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

}  // namespace

/// A piece of a text, on its way to its ids.
struct BertModel::Piece {
    static constexpr std::uint32_t no_id = ByteTrie::no_id;

    std::string_view text = {};
    ShortWord key = {};        ///< of a short one: all of it
    std::uint32_t id = no_id;  ///< of punctuation
    bool is_short = false;
    bool is_plain =
        false;  ///< letters and digits of ASCII: the key is in lower case where it is to be
};

struct BertModel::Scratch final : TextModelScratch {
    static constexpr std::size_t most_staged = 512;
    static constexpr std::size_t most_pieces = 64;

    explicit Scratch(std::size_t cached_words) : cache(cached_words) {}

    WordCache cache;
    std::string normalized;
    std::vector<ClassedPoint> points;
    std::array<Piece, most_pieces> pieces;
    std::array<std::uint32_t, most_staged> staged{};
};

/// Where the pieces of one text, and their ids, go. Pieces are looked up in the cache some time after the places
/// where they would lie have been fetched; ids go through a short array, so that a word's are stored without
/// asking how many there are.
struct BertModel::Words {
    const BertModel& model;
    Ids& ids;
    Scratch& scratch;
    std::size_t n_pieces = 0;
    std::size_t n_staged = 0;

    void add(const Piece& piece) {
        if (piece.is_short) {
            scratch.cache.prefetch(piece.key);
        }
        scratch.pieces[n_pieces++] = piece;
        if (n_pieces == Scratch::most_pieces) {
            encode_pieces();
        }
    }
    void encode_pieces() {
        for (std::size_t i = 0; i < n_pieces; ++i) {
            encode(scratch.pieces[i]);
        }
        n_pieces = 0;
        flush();
    }

private:
    void encode(const Piece& piece) {
        if (n_staged + WordCache::max_ids > Scratch::most_staged) {
            flush();
        }
        if (piece.id != Piece::no_id) {
            scratch.staged[n_staged++] = piece.id;
            return;
        }
        const WordCache::Entry* entry = piece.is_short ? scratch.cache.find(piece.key) : nullptr;
        if (entry == nullptr) {
            flush();
            model.encode_piece(piece, ids, scratch);
            return;
        }
        std::copy(entry->ids.begin(), entry->ids.end(), scratch.staged.data() + n_staged);
        n_staged += entry->n_ids_and_1 - 1U;
    }
    void flush() {
        ids.insert(ids.end(), scratch.staged.data(), scratch.staged.data() + n_staged);
        n_staged = 0;
    }
};

BertModel::BertModel(
    const BertNormalizerOptions& normalizer,
    WordPiece wordpiece,
    std::size_t cached_words
)
    : normalizer_(normalizer), wordpiece_(std::move(wordpiece)), cached_words_(cached_words) {
    Ids ids;
    for (unsigned byte = 0; byte < bytes_.size(); ++byte) {
        bytes_[byte] = is_space(byte)          ? Byte::space
                       : is_punctuation(byte)  ? Byte::punctuation
                       : is_alphanumeric(byte) ? Byte::plain
                                               : Byte::other;
        if (bytes_[byte] == Byte::punctuation) {
            ids.clear();
            const std::string mark(1, static_cast<char>(byte));
            punctuation_ids_[byte] =
                wordpiece_.cut_known(mark, ids) ? ids.front() : wordpiece_.unknown_id();
        }
    }
}

std::unique_ptr<TextModelScratch> BertModel::make_scratch() const {
    return std::make_unique<Scratch>(cached_words_);
}

NormalizedText BertModel::normalize(std::string_view text, bool /*at_start*/) const {
    NormalizedText normalized;
    std::vector<ClassedPoint> points;
    normalizer_.append_normalized(text, normalized.text, points);
    return normalized;
}

void BertModel::encode_normalized(
    std::string_view text,
    std::size_t /*from_start*/,
    Ids& ids,
    TextModelScratch& /*scratch*/
) const {
    std::string_view rest = text;
    std::size_t first = 0;  // of the word so far
    const auto end_word = [&](std::size_t last) {
        if (first < last) {
            wordpiece_.cut(text.substr(first, last - first), ids);
        }
    };
    while (!rest.empty()) {
        const std::size_t at = text.size() - rest.size();
        const std::uint8_t classes = normalizer_.characters().classes_of(take_code_point(rest));
        const std::size_t after = text.size() - rest.size();
        const bool is_word_alone = (classes & CharacterClasses::punctuation) != 0;
        if (is_word_alone || (classes & CharacterClasses::space) != 0) {
            end_word(at);
            first = is_word_alone ? at : after;
        }
        if (is_word_alone) {
            end_word(after);
            first = after;
        }
    }
    end_word(text.size());
}

std::string_view BertModel::piece_at(std::string_view text) const noexcept {
    const auto last = std::find_if(text.begin(), text.end(), [&](char byte) {
        return kind_of(byte) <= Byte::punctuation;
    });
    return text.substr(0, static_cast<std::size_t>(last - text.begin()));
}

/// Encodes a piece that the cache does not have, and keeps it there where it can.
void BertModel::encode_piece(const Piece& piece, Ids& ids, Scratch& scratch) const {
    const std::size_t n_before = ids.size();
    if (piece.is_plain) {
        std::array<char, ShortWord::max_length> lowered{};
        std::memcpy(lowered.data(), &piece.key.low, 8);
        std::memcpy(lowered.data() + 8, &piece.key.high, 8);
        wordpiece_.cut({lowered.data(), piece.text.size()}, ids);
    } else {
        scratch.normalized.clear();
        normalizer_.append_normalized(piece.text, scratch.normalized, scratch.points);
        encode_normalized(scratch.normalized, 0, ids, scratch);
    }
    const std::span<const std::uint32_t> own = std::span{ids}.subspan(n_before);
    if (piece.is_short && own.size() <= WordCache::max_ids) {
        scratch.cache.put(piece.key, own);
    }
}

/// Letters and digits of ASCII that start a text, less than 16.
BertModel::Piece BertModel::plain_piece(std::string_view text, ShortWord bytes) const noexcept {
    ShortWord key = first_bytes(bytes, text.size());
    if (normalizer_.options().lowercase) {
        key = {to_lower(key.low), to_lower(key.high)};
    }
    return {.text = text, .key = key, .is_short = true, .is_plain = true};
}

/// Any piece; `bytes` are its first 16.
BertModel::Piece BertModel::other_piece(std::string_view text, ShortWord bytes) noexcept {
    // A NUL would look like the end of the word.
    const bool is_short =
        text.size() <= ShortWord::max_length && text.find('\0') == std::string_view::npos;
    return {
        .text = text,
        .key = is_short ? first_bytes(bytes, text.size()) : ShortWord{},
        .is_short = is_short};
}

/// Takes pieces off a text as long as 16 bytes can be read, and returns the rest. `readable`: how many bytes
/// can be read from the start of the text; those after its end are NUL.
std::string_view BertModel::encode_words(std::string_view text, std::size_t readable, Words& words)
    const {
    std::size_t at = 0;
    while (at < text.size() && readable - at >= ShortWord::max_length) {
        const char first = text[at];
        const Byte kind = kind_of(first);
        if (kind == Byte::space) {
            ++at;
            continue;
        }
        if (kind == Byte::punctuation) {
            words.add(
                {.text = text.substr(at, 1),
                 .id = punctuation_ids_[static_cast<unsigned char>(first)]}
            );
            ++at;
            continue;
        }
        const ShortWord bytes = load_bytes(text.data() + at);
        const std::size_t length = count_alphanumeric(bytes);
        const std::size_t last = at + length;
        const bool is_plain = length < ShortWord::max_length
                              && (last == text.size() || kind_of(text[last]) <= Byte::punctuation);
        if (is_plain) {
            words.add(plain_piece(text.substr(at, length), bytes));
            at = last;
        } else {
            const std::string_view piece = piece_at(text.substr(at));
            words.add(other_piece(piece, bytes));
            at += piece.size();
        }
    }
    return text.substr(at);
}

void BertModel::encode(
    std::string_view text,
    bool /*at_start*/,
    Ids& ids,
    TextModelScratch& scratch
) const {
    Words words{*this, ids, static_cast<Scratch&>(scratch)};
    std::array<char, 2 * ShortWord::max_length> end{};
    const std::string_view rest = encode_words(text, text.size(), words);
    if (!rest.empty()) {
        // Less than 16 bytes: read from a copy with room behind it.
        std::copy(rest.begin(), rest.end(), end.begin());
        encode_words({end.data(), rest.size()}, end.size(), words);
    }
    words.encode_pieces();
}

}  // namespace kaygraph::models::detail
