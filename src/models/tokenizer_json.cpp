#include "files/bounded_json.hpp"
#include "files/shown.hpp"
#include "models/bert_model.hpp"
#include "models/code_points.hpp"
#include "models/json_reader.hpp"
#include "models/json_tokenizer.hpp"
#include "models/normalizer_json.hpp"
#include "models/normalizing_model.hpp"
#include "models/unigram_model.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/mapped_file.hpp>
#include <kaygraph/models/tokenizer.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace kaygraph::models {
namespace detail {
namespace {

constexpr std::size_t max_file_bytes = 256'000'000;
constexpr std::uint64_t max_id = 0x7FFFFFFF;

std::uint32_t id_of(const JsonReader& value) {
    return static_cast<std::uint32_t>(value.unsigned_number(max_id));
}

/// What is said of a vocabulary as a whole.
struct Vocabulary {
    std::vector<std::size_t> lengths = {};  // of all tokens, in code points
    std::size_t id_bound = 0;
    std::size_t size = 0;  // of the model, as the ids of added tokens follow it

    void add(std::string_view token, std::uint32_t id) {
        lengths.push_back(count_code_points(token));
        id_bound = std::max(id_bound, std::size_t{id} + 1);
    }
};

/// Gives the components of a sequence, and of sequences in it, in order; one component is a sequence of itself.
void for_each_component(
    const JsonReader& value,
    const char* list,
    FunctionRef<void(const JsonReader&)> give
) {
    if (value.type() != "Sequence") {
        give(value);
        return;
    }
    value.expect_keys({"type", list});
    const JsonReader parts = value.at(list);
    for (std::size_t i = 0; i < parts.elements(); ++i) {
        for_each_component(parts.element(i), list, give);
    }
}

/// WordPiece is read with BertPreTokenizer, beside which WhitespaceSplit changes nothing.
void check_wordpiece_pre_tokenizer(const JsonReader& value) {
    bool has_bert = false;
    for_each_component(value, "pretokenizers", [&](const JsonReader& part) {
        part.expect_type({"BertPreTokenizer", "WhitespaceSplit"});
        part.expect_keys({"type"});
        has_bert = has_bert || part.type() == "BertPreTokenizer";
    });
    if (!has_bert) {
        value.refuse("WordPiece is read with BertPreTokenizer");
    }
}

std::unique_ptr<const TextModel> read_wordpiece(
    const JsonReader& root,
    std::size_t cached_words,
    Vocabulary& vocabulary
) {
    TextNormalizer normalizer = read_normalizer(root.get("normalizer"));
    check_wordpiece_pre_tokenizer(root.at("pre_tokenizer"));
    const JsonReader model = root.at("model");
    model.expect_keys(
        {"type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"}
    );
    const std::string prefix = model.at("continuing_subword_prefix").text();
    const JsonReader vocab = model.at("vocab");
    WordPiece wordpiece{8 * vocab.members()};
    vocab.for_each_member([&](const std::string& token, const JsonReader& value) {
        const std::uint32_t id = id_of(value);
        if (id > 64 + 64 * vocab.members()) {
            value.fail("ids about as large as the vocabulary", std::to_string(id));
        }
        vocabulary.add(token, id);
        if (!token.empty() && !wordpiece.add(token, prefix, id)) {
            value.fail("a vocabulary of at most 16 million nodes", "a larger one");
        }
    });
    vocabulary.size = vocab.members();
    const std::uint32_t unknown_id = wordpiece.find(model.at("unk_token").text());
    wordpiece.set_options({unknown_id, model.at("max_input_chars_per_word").unsigned_number(max_id)}
    );
    if (const auto bert = normalizer.only_bert()) {
        return std::make_unique<BertModel>(*bert, std::move(wordpiece), cached_words);
    }
    constexpr BertNormalizerOptions none{false, false, false, false};
    return std::make_unique<NormalizingModel>(
        std::move(normalizer), std::make_unique<BertModel>(none, std::move(wordpiece), cached_words)
    );
}

MetaspaceOptions read_metaspace(const JsonReader& value) {
    value.expect_keys(
        {"type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"}
    );
    MetaspaceOptions options;
    const JsonReader replacement = value.at("replacement");
    options.replacement = replacement.text();
    if (count_code_points(options.replacement) != 1) {
        replacement.fail("one character");
    }
    const JsonReader scheme = value.get("prepend_scheme");
    const std::string name = scheme.is_null() ? "always" : scheme.text();
    if (name != "always" && name != "first" && name != "never") {
        scheme.fail("always, first or never");
    }
    options.prepend = name == "always"  ? PrependScheme::always
                      : name == "first" ? PrependScheme::first
                                        : PrependScheme::never;
    const JsonReader prefix = value.get("add_prefix_space");  // of older files
    if (!prefix.is_null() && !prefix.boolean()) {
        if (!scheme.is_null() && options.prepend != PrependScheme::never) {
            prefix.fail("what agrees with prepend_scheme", "false");
        }
        options.prepend = PrependScheme::never;
    }
    const JsonReader split = value.get("split");
    options.split = split.is_null() || split.boolean();
    return options;
}

SpaceOptions read_unigram_pre_tokenizer(const JsonReader& value) {
    SpaceOptions options;
    if (value.is_null()) {
        return options;
    }
    for_each_component(value, "pretokenizers", [&](const JsonReader& part) {
        part.expect_type({"Metaspace", "WhitespaceSplit"});
        if (part.type() == "Metaspace") {
            if (options.metaspace) {
                part.refuse("it is there twice");
            }
            options.metaspace = read_metaspace(part);
            return;
        }
        part.expect_keys({"type"});
        (options.metaspace ? options.splits_after : options.splits_before) = true;
    });
    return options;
}

/// Returns a score as the reference reads it: its parser divides (or multiplies) digits by a power of ten, so that the
/// last bit may be another than that of the nearest number. Where sums are equal but for it, it decides how a word is cut.
double score_of_reference(double score) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), std::abs(score)).ptr;
    std::uint64_t digits = 0;
    int exponent = 0;
    bool is_fraction = false;
    const char* at = text.data();
    for (; at != end && *at != 'e'; ++at) {
        if (*at == '.') {
            is_fraction = true;
        } else {
            digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
            exponent -= is_fraction ? 1 : 0;
        }
    }
    if (at != end) {
        int written = 0;
        const bool has_plus = at[1] == '+';
        std::from_chars(at + (has_plus ? 2 : 1), end, written);
        exponent += written;
    }
    constexpr int most_exact = 22;  // 10^22 is a double, and so are those before
    if (std::abs(exponent) > most_exact) {
        return score;
    }
    double power = 1;
    for (int i = 0; i < std::abs(exponent); ++i) {
        power *= 10;
    }
    const auto value = static_cast<double>(digits);
    return std::copysign(exponent < 0 ? value / power : value * power, score);
}

std::unique_ptr<const TextModel> read_unigram(const JsonReader& root, Vocabulary& vocabulary) {
    TextNormalizer normalizer = read_normalizer(root.get("normalizer"));
    SpaceOptions spaces = read_unigram_pre_tokenizer(root.get("pre_tokenizer"));
    const JsonReader model = root.at("model");
    model.expect_keys({"type", "unk_id", "vocab", "byte_fallback"});
    const JsonReader vocab = model.at("vocab");
    const std::size_t n_pieces = vocab.elements();
    std::vector<UnigramPiece> pieces;
    pieces.reserve(n_pieces);
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < n_pieces; ++i) {
        const JsonReader entry = vocab.element(i);
        if (entry.elements() != 2) {
            entry.fail("a piece and its score", std::to_string(entry.elements()) + " values");
        }
        pieces.push_back({entry.element(0).text(), score_of_reference(entry.element(1).number())});
        if (seen.insert(pieces.back().text).second) {
            vocabulary.add(pieces.back().text, static_cast<std::uint32_t>(i));
        }
    }
    vocabulary.id_bound = n_pieces;
    vocabulary.size = n_pieces;
    const JsonReader unknown = model.get("unk_id");
    const std::uint32_t unknown_id = unknown.is_null() ? ByteTrie::no_id : id_of(unknown);
    if (!unknown.is_null() && unknown_id >= n_pieces) {
        unknown.fail("an id below " + std::to_string(n_pieces), std::to_string(unknown_id));
    }
    const JsonReader fallback = model.get("byte_fallback");
    auto unigram = std::make_unique<UnigramModel>(
        std::move(spaces), pieces, unknown_id, !fallback.is_null() && fallback.boolean()
    );
    if (normalizer.empty()) {
        return unigram;
    }
    return std::make_unique<NormalizingModel>(std::move(normalizer), std::move(unigram));
}

/// Returns the kind of a model: files as old as tokenizers 0.8 do not say it, and what is there tells.
std::string kind_of(const JsonReader& model) {
    if (model.has("type")) {
        return model.type();
    }
    const bool has_unknown = model.has("unk_token");
    if (model.has("merges")) {
        return "BPE";
    }
    if (has_unknown && model.has("continuing_subword_prefix")) {
        return "WordPiece";
    }
    return has_unknown ? "WordLevel" : "Unigram";
}

std::unique_ptr<const TextModel> read_model(
    const JsonReader& root,
    const LoadTokenizerOptions& options,
    Vocabulary& vocabulary
) {
    const JsonReader model = root.at("model");
    const std::string kind = kind_of(model);
    if (kind == "WordPiece") {
        return read_wordpiece(root, options.cached_words, vocabulary);
    }
    if (kind == "Unigram") {
        return read_unigram(root, vocabulary);
    }
    model.refuse("here kaygraph reads WordPiece and Unigram, not " + kaygraph::detail::shown(kind));
}

AddedToken read_added_token(const JsonReader& entry) {
    AddedToken token;
    token.content = entry.at("content").text();
    token.id = static_cast<std::uint32_t>(
        entry.at("id").unsigned_number(std::numeric_limits<std::uint32_t>::max())
    );
    token.single_word = entry.at("single_word").boolean();
    token.lstrip = entry.at("lstrip").boolean();
    token.rstrip = entry.at("rstrip").boolean();
    token.normalized = entry.at("normalized").boolean();
    token.special = entry.at("special").boolean();
    return token;
}

/// Reads added tokens as the reference does. One of the vocabulary has its id there, others follow the vocabulary in their
/// order, whatever the file says; of one that is there again the later settings count; one without text is none.
std::vector<AddedToken> list_added_tokens(
    const JsonReader& list,
    const TextModel& model,
    Vocabulary& vocabulary,
    const Log& log
) {
    std::vector<AddedToken> tokens;
    std::map<std::string, std::size_t> places;
    std::size_t n_other_ids = 0;
    std::string example;
    const std::size_t n_entries = list.is_null() ? 0 : list.elements();
    for (std::size_t i = 0; i < n_entries; ++i) {
        AddedToken token = read_added_token(list.element(i));
        if (token.content.empty()) {
            continue;
        }
        const std::uint32_t said = token.id;
        const auto [place, is_first] = places.try_emplace(token.content, tokens.size());
        if (is_first) {
            const std::uint32_t found = model.find(token.content);
            if (found == ByteTrie::no_id) {
                token.id = static_cast<std::uint32_t>(vocabulary.size++);
                vocabulary.add(token.content, token.id);
            } else {
                token.id = found;
            }
        } else {
            token.id = tokens[place->second].id;
        }
        if (token.id != said && n_other_ids++ == 0) {
            example = kaygraph::detail::shown(token.content) + ", which has "
                      + std::to_string(token.id) + ", not " + std::to_string(said);
        }
        if (is_first) {
            tokens.push_back(std::move(token));
        } else {
            tokens[place->second] = std::move(token);
        }
    }
    if (n_other_ids != 0) {
        log.warn(
            "",
            list.file() + ": " + std::to_string(n_other_ids)
                + " added tokens have other ids than it says; the first is " + example
        );
    }
    return tokens;
}

void read_added_tokens(
    const JsonReader& list,
    TokenizerParts& parts,
    Vocabulary& vocabulary,
    const Log& log
) {
    std::vector<AddedToken> tokens = list_added_tokens(list, *parts.model, vocabulary, log);
    // Of two that are found as the same text the special one counts.
    std::stable_partition(tokens.begin(), tokens.end(), [](const AddedToken& token) {
        return token.special;
    });
    for (const AddedToken& token : tokens) {
        const std::string pattern =
            token.normalized ? parts.model->normalize(token.content, true).text : token.content;
        if (!pattern.empty()) {  // what normalizes to nothing is never found
            (token.normalized ? parts.added_normalized : parts.added).add(token, pattern);
        }
    }
}

Truncation read_truncation(const JsonReader& value) {
    Truncation truncation;
    if (value.is_null()) {
        return truncation;
    }
    value.expect_keys({"direction", "max_length", "strategy", "stride"});
    truncation.max_length = value.at("max_length").unsigned_number(max_id);
    const std::string strategy = value.at("strategy").text();
    if (strategy != "LongestFirst" && strategy != "OnlyFirst") {
        value.at("strategy").fail("LongestFirst or OnlyFirst");
    }
    const JsonReader direction = value.get("direction");
    const std::string name = direction.is_null() ? "Right" : direction.text();
    if (name != "Right" && name != "Left") {
        direction.fail("Right or Left");
    }
    truncation.keeps_end = name == "Left";
    return truncation;
}

std::shared_ptr<const Tokenizer> read_tokenizer(
    const JsonReader& root,
    const LoadTokenizerOptions& options
) {
    root.expect_keys(
        {"version",
         "truncation",
         "padding",
         "added_tokens",
         "normalizer",
         "pre_tokenizer",
         "post_processor",
         "decoder",
         "model"}
    );
    const JsonReader version = root.get("version");
    if (!version.is_null() && version.text() != "1.0") {
        version.fail("version 1.0");
    }
    TokenizerParts parts;
    Vocabulary vocabulary;
    parts.model = read_model(root, options, vocabulary);
    read_added_tokens(root.get("added_tokens"), parts, vocabulary, options.log);
    if (!options.drop_truncation) {
        parts.truncation = read_truncation(root.get("truncation"));
    }
    parts.vocabulary_size = vocabulary.lengths.size();
    parts.id_bound = vocabulary.id_bound;
    parts.median_token_length = median_of(std::move(vocabulary.lengths));
    return std::make_shared<JsonTokenizer>(std::move(parts));
}

}  // namespace
}  // namespace detail

std::shared_ptr<const Tokenizer> parse_tokenizer(
    std::span<const std::byte> bytes,
    const std::string& file,
    const LoadTokenizerOptions& options
) {
    const std::size_t n_cached = options.cached_words;
    if (n_cached == 1 || (n_cached != 0 && !std::has_single_bit(n_cached))) {
        throw ArgumentError(
            "expected 0 cached words or a power of two from 2 on, found " + std::to_string(n_cached)
        );
    }
    if (bytes.size() > detail::max_file_bytes) {
        throw FormatError(
            ErrorCode::malformed,
            "expected a tokenizer.json of at most " + std::to_string(detail::max_file_bytes)
                + " bytes, found " + std::to_string(bytes.size()),
            {.file = file}
        );
    }
    const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    const nlohmann::json json = kaygraph::detail::parse_bounded_json(text, file);
    return detail::read_tokenizer(detail::JsonReader{json, file}, options);
}

std::shared_ptr<const Tokenizer> load_tokenizer(
    const std::string& path,
    const LoadTokenizerOptions& options
) {
    const MappedFile file{path, AccessPattern::sequential};
    return parse_tokenizer(file.bytes(), path, options);
}

}  // namespace kaygraph::models
