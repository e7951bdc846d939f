#include "files/bounded_json.hpp"
#include "models/bert_model.hpp"
#include "models/code_points.hpp"
#include "models/json_reader.hpp"
#include "models/json_tokenizer.hpp"
#include "models/unigram_model.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/files/mapped_file.hpp>
#include <kaygraph/models/tokenizer.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
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

    void add(std::string_view token, std::uint32_t id) {
        lengths.push_back(count_code_points(token));
        id_bound = std::max(id_bound, std::size_t{id} + 1);
    }
};

BertNormalizerOptions read_bert_normalizer(const JsonReader& normalizer) {
    if (normalizer.is_null()) {
        return {false, false, false, false};
    }
    normalizer.expect_type({"BertNormalizer"});
    normalizer.expect_keys(
        {"type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"}
    );
    BertNormalizerOptions options;
    options.clean_text = normalizer.at("clean_text").boolean();
    options.handle_chinese_chars = normalizer.at("handle_chinese_chars").boolean();
    options.lowercase = normalizer.at("lowercase").boolean();
    const JsonReader strip_accents = normalizer.get("strip_accents");
    options.strip_accents = strip_accents.is_null() ? options.lowercase : strip_accents.boolean();
    return options;
}

std::unique_ptr<const TextModel> read_wordpiece(
    const JsonReader& root,
    std::size_t cached_words,
    Vocabulary& vocabulary
) {
    const BertNormalizerOptions normalizer = read_bert_normalizer(root.get("normalizer"));
    const JsonReader pre_tokenizer = root.at("pre_tokenizer");
    pre_tokenizer.expect_type({"BertPreTokenizer"});
    pre_tokenizer.expect_keys({"type"});
    const JsonReader model = root.at("model");
    model.expect_keys(
        {"type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"}
    );
    const std::string prefix = model.at("continuing_subword_prefix").text();
    const JsonReader vocab = model.at("vocab");
    WordPiece wordpiece{8 * vocab.members()};
    std::vector<bool> is_taken;
    vocab.for_each_member([&](const std::string& token, const JsonReader& value) {
        const std::uint32_t id = id_of(value);
        if (is_taken.size() <= id) {
            if (id > 64 + 64 * vocab.members()) {
                value.fail("ids about as large as the vocabulary", std::to_string(id));
            }
            is_taken.resize(std::size_t{id} + 1);
        }
        if (is_taken[id]) {
            value.fail("each id once", std::to_string(id) + " again");
        }
        is_taken[id] = true;
        vocabulary.add(token, id);
        if (!token.empty() && !wordpiece.add(token, prefix, id)) {
            value.fail("a vocabulary of at most 16 million nodes", "a larger one");
        }
    });
    const JsonReader unknown = model.at("unk_token");
    const std::uint32_t unknown_id = wordpiece.find(unknown.text());
    if (unknown_id == ByteTrie::no_id) {
        unknown.fail("a token of the vocabulary");
    }
    wordpiece.set_options({unknown_id, model.at("max_input_chars_per_word").unsigned_number(max_id)}
    );
    return std::make_unique<BertModel>(normalizer, std::move(wordpiece), cached_words);
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

MetaspaceOptions read_unigram_pre_tokenizer(const JsonReader& value) {
    if (value.type() != "Sequence") {
        value.expect_type({"Metaspace"});
        return read_metaspace(value);
    }
    value.expect_keys({"type", "pretokenizers"});
    const JsonReader parts = value.at("pretokenizers");
    if (parts.elements() != 2) {
        parts.fail("WhitespaceSplit and Metaspace", std::to_string(parts.elements()) + " parts");
    }
    parts.element(0).expect_type({"WhitespaceSplit"});
    parts.element(0).expect_keys({"type"});
    parts.element(1).expect_type({"Metaspace"});
    MetaspaceOptions options = read_metaspace(parts.element(1));
    options.drop_spaces = true;
    return options;
}

std::unique_ptr<const TextModel> read_unigram(const JsonReader& root, Vocabulary& vocabulary) {
    const JsonReader normalizer = root.get("normalizer");
    if (!normalizer.is_null()) {
        normalizer.refuse("Unigram is read without a normalizer");
    }
    MetaspaceOptions metaspace = read_unigram_pre_tokenizer(root.at("pre_tokenizer"));
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
        pieces.push_back({entry.element(0).text(), entry.element(1).number()});
        if (pieces.back().text.empty() || !seen.insert(pieces.back().text).second) {
            entry.element(0).fail("each piece once, none empty");
        }
        vocabulary.add(pieces.back().text, static_cast<std::uint32_t>(i));
    }
    const JsonReader unknown = model.at("unk_id");
    const std::uint32_t unknown_id = id_of(unknown);
    if (unknown_id >= n_pieces) {
        unknown.fail("an id below " + std::to_string(n_pieces), std::to_string(unknown_id));
    }
    const JsonReader fallback = model.get("byte_fallback");
    return std::make_unique<UnigramModel>(
        std::move(metaspace),
        std::move(pieces),
        unknown_id,
        !fallback.is_null() && fallback.boolean()
    );
}

/// An added token of the vocabulary has its id there; others follow the vocabulary, in their order.
void check_added_id(
    const JsonReader& entry,
    const AddedToken& token,
    const TextModel& model,
    std::size_t& next_id
) {
    const std::uint32_t found = model.find(token.content);
    const std::size_t expected = found != ByteTrie::no_id ? found : next_id++;
    if (token.id != expected) {
        entry.at("id").fail("id " + std::to_string(expected), std::to_string(token.id));
    }
}

void read_added_tokens(const JsonReader& list, TokenizerParts& parts, Vocabulary& vocabulary) {
    std::vector<AddedToken> tokens;
    std::set<std::string> seen;
    std::size_t next_id = vocabulary.lengths.size();
    const std::size_t n_tokens = list.is_null() ? 0 : list.elements();
    for (std::size_t i = 0; i < n_tokens; ++i) {
        const JsonReader entry = list.element(i);
        entry.expect_keys(
            {"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"}
        );
        AddedToken token;
        token.content = entry.at("content").text();
        token.id = id_of(entry.at("id"));
        token.single_word = entry.at("single_word").boolean();
        token.lstrip = entry.at("lstrip").boolean();
        token.rstrip = entry.at("rstrip").boolean();
        token.normalized = entry.at("normalized").boolean();
        token.special = entry.at("special").boolean();
        if (token.content.empty() || !seen.insert(token.content).second) {
            entry.at("content").fail("each token once, none empty");
        }
        const bool is_new = parts.model->find(token.content) == ByteTrie::no_id;
        check_added_id(entry, token, *parts.model, next_id);
        if (is_new) {
            vocabulary.add(token.content, token.id);
        }
        tokens.push_back(std::move(token));
    }
    // Of two that are found as the same text the special one counts.
    std::stable_partition(tokens.begin(), tokens.end(), [](const AddedToken& token) {
        return token.special;
    });
    for (const AddedToken& token : tokens) {
        const std::string pattern =
            token.normalized ? parts.model->normalize(token.content) : token.content;
        if (pattern.empty()) {
            list.fail("tokens that leave something when normalized", "one that does not");
        }
        (token.normalized ? parts.added_normalized : parts.added).add(token, pattern);
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
    const JsonReader model = root.at("model");
    model.expect_type({"WordPiece", "Unigram"});
    parts.model = model.type() == "WordPiece"
                      ? read_wordpiece(root, options.cached_words, vocabulary)
                      : read_unigram(root, vocabulary);
    read_added_tokens(root.get("added_tokens"), parts, vocabulary);
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
    LoadTokenizerOptions options
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
    LoadTokenizerOptions options
) {
    const MappedFile file{path, AccessPattern::sequential};
    return parse_tokenizer(file.bytes(), path, options);
}

}  // namespace kaygraph::models
