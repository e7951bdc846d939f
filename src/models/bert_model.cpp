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

struct BertModel::Scratch final : TextModelScratch {
    static constexpr std::size_t most_staged = 512;

    explicit Scratch(std::size_t cached_words) : cache(cached_words) {}

    WordCache cache;
    std::string normalized;
    std::vector<ClassedPoint> points;
    std::array<std::uint32_t, most_staged> staged{};
};

/// Where the ids of one text go: through a short array, so that a word's ids are stored without asking how
/// many there are.
struct BertModel::Words {
    Ids& ids;
    Scratch& scratch;
    std::size_t n_staged = 0;

    void flush() {
        ids.insert(ids.end(), scratch.staged.data(), scratch.staged.data() + n_staged);
        n_staged = 0;
    }
    void make_room() {
        if (n_staged + WordCache::max_ids > Scratch::most_staged) {
            flush();
        }
    }
    void stage(std::uint32_t id) {
        make_room();
        scratch.staged[n_staged++] = id;
    }
    void stage(const WordCache::Entry& entry) {
        make_room();
        std::copy(entry.ids.begin(), entry.ids.end(), scratch.staged.data() + n_staged);
        n_staged += entry.n_ids_and_1 - 1;
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
            wordpiece_.cut(std::string(1, static_cast<char>(byte)), ids);
            punctuation_ids_[byte] = ids.front();
        }
    }
}

std::unique_ptr<TextModelScratch> BertModel::make_scratch() const {
    return std::make_unique<Scratch>(cached_words_);
}

std::string BertModel::normalize(std::string_view text) const {
    std::string normalized;
    std::vector<ClassedPoint> points;
    normalizer_.append_normalized(text, normalized, points);
    return normalized;
}

void BertModel::encode_normalized(std::string_view text, bool /*at_start*/, Ids& ids) const {
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
void BertModel::encode_piece(
    std::string_view piece,
    const ShortWord* key,
    bool is_plain,
    Words& words
) const {
    words.flush();
    Scratch& scratch = words.scratch;
    const std::size_t n_before = words.ids.size();
    if (is_plain) {
        wordpiece_.cut(piece, words.ids);
    } else {
        scratch.normalized.clear();
        normalizer_.append_normalized(piece, scratch.normalized, scratch.points);
        encode_normalized(scratch.normalized, false, words.ids);
    }
    const std::span<const std::uint32_t> ids = std::span{words.ids}.subspan(n_before);
    if (key != nullptr && scratch.cache.is_on() && ids.size() <= WordCache::max_ids) {
        scratch.cache.put(*key, ids);
    }
}

/// Encodes letters and digits of ASCII that start a text, less than 16.
void BertModel::encode_plain(ShortWord bytes, std::size_t length, Words& words) const {
    ShortWord key = first_bytes(bytes, length);
    if (normalizer_.options().lowercase) {
        key = {to_lower(key.low), to_lower(key.high)};
    }
    const WordCache& cache = words.scratch.cache;
    const WordCache::Entry* entry = cache.is_on() ? cache.find(key) : nullptr;
    if (entry != nullptr) {
        words.stage(*entry);
        return;
    }
    std::array<char, ShortWord::max_length> lowered{};
    std::memcpy(lowered.data(), &key.low, 8);
    std::memcpy(lowered.data() + 8, &key.high, 8);
    encode_piece({lowered.data(), length}, &key, true, words);
}

/// Encodes any piece; `bytes` are its first 16.
void BertModel::encode_other(std::string_view piece, ShortWord bytes, Words& words) const {
    // A NUL would look like the end of the word.
    const bool is_short =
        piece.size() <= ShortWord::max_length && piece.find('\0') == std::string_view::npos;
    if (!is_short) {
        encode_piece(piece, nullptr, false, words);
        return;
    }
    const ShortWord key = first_bytes(bytes, piece.size());
    const WordCache& cache = words.scratch.cache;
    const WordCache::Entry* entry = cache.is_on() ? cache.find(key) : nullptr;
    if (entry != nullptr) {
        words.stage(*entry);
    } else {
        encode_piece(piece, &key, false, words);
    }
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
            words.stage(punctuation_ids_[static_cast<unsigned char>(first)]);
            ++at;
            continue;
        }
        const ShortWord bytes = load_bytes(text.data() + at);
        const std::size_t length = count_alphanumeric(bytes);
        const std::size_t last = at + length;
        const bool is_plain = length < ShortWord::max_length
                              && (last == text.size() || kind_of(text[last]) <= Byte::punctuation);
        if (is_plain) {
            encode_plain(bytes, length, words);
            at = last;
        } else {
            const std::string_view piece = piece_at(text.substr(at));
            encode_other(piece, bytes, words);
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
    Words words{ids, static_cast<Scratch&>(scratch)};
    const std::string_view rest = encode_words(text, text.size(), words);
    if (!rest.empty()) {
        // Less than 16 bytes: read from a copy with room behind it.
        std::array<char, 2 * ShortWord::max_length> end{};
        std::copy(rest.begin(), rest.end(), end.begin());
        encode_words({end.data(), rest.size()}, end.size(), words);
    }
    words.flush();
}

}  // namespace kaygraph::models::detail
