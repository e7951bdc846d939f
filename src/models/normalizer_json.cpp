#include "models/normalizer_json.hpp"

#include <kaygraph/base/error.hpp>

#include <memory>
#include <string>
#include <utility>

namespace kaygraph::models::detail {
namespace {

BertNormalizerOptions read_bert_normalizer(const JsonReader& normalizer) {
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

ReplaceStep read_replace(const JsonReader& normalizer) {
    normalizer.expect_keys({"type", "pattern", "content"});
    const JsonReader pattern = normalizer.at("pattern");
    pattern.expect_keys({"String", "Regex"});
    if (pattern.members() != 1) {
        pattern.fail("a String or a Regex", std::to_string(pattern.members()) + " patterns");
    }
    const bool is_regex = pattern.has("Regex");
    const std::string& text = pattern.at(is_regex ? "Regex" : "String").text();
    ReplaceStep step{.text = text, .pattern = {}, .content = normalizer.at("content").text()};
    if (is_regex || text.empty()) {
        try {
            step.pattern = std::make_shared<const Pattern>(text);
        } catch (const ArgumentError& error) {
            normalizer.refuse(error.what());
        }
    }
    return step;
}

Charsmap read_charsmap(const JsonReader& normalizer) {
    normalizer.expect_keys({"type", "precompiled_charsmap"});
    const JsonReader map = normalizer.at("precompiled_charsmap");
    const auto bytes = decode_base64(map.text());
    auto charsmap = bytes ? Charsmap::parse(*bytes) : std::nullopt;
    if (!charsmap) {
        map.fail("the rules of a normalizer in base64", "others");
    }
    return std::move(*charsmap);
}

NormalizerStep read_step(const JsonReader& normalizer) {
    const std::string& type = normalizer.type();
    if (type == "BertNormalizer") {
        return std::make_shared<const BertNormalizer>(read_bert_normalizer(normalizer));
    }
    if (type == "Replace") {
        return read_replace(normalizer);
    }
    if (type == "Precompiled") {
        return read_charsmap(normalizer);
    }
    if (type == "Prepend") {
        normalizer.expect_keys({"type", "prepend"});
        return PrependStep{normalizer.at("prepend").text()};
    }
    if (type == "Strip") {
        normalizer.expect_keys({"type", "strip_left", "strip_right"});
        return StripStep{
            normalizer.at("strip_left").boolean(), normalizer.at("strip_right").boolean()};
    }
    normalizer.expect_type(
        {"NFC",
         "NFD",
         "NFKC",
         "NFKD",
         "Lowercase",
         "StripAccents",
         "Nmt",
         "Strip",
         "Prepend",
         "Replace",
         "Precompiled",
         "BertNormalizer",
         "Sequence"}
    );
    normalizer.expect_keys({"type"});
    if (type == "Lowercase") {
        return LowercaseStep{};
    }
    if (type == "StripAccents") {
        return StripAccentsStep{};
    }
    if (type == "Nmt") {
        return NmtStep{};
    }
    return FormStep{
        type == "NFC"    ? NormalForm::nfc
        : type == "NFD"  ? NormalForm::nfd
        : type == "NFKC" ? NormalForm::nfkc
                         : NormalForm::nfkd};
}

void add_steps(const JsonReader& normalizer, TextNormalizer& steps) {
    if (normalizer.type() != "Sequence") {
        steps.add(read_step(normalizer));
        return;
    }
    normalizer.expect_keys({"type", "normalizers"});
    const JsonReader parts = normalizer.at("normalizers");
    for (std::size_t i = 0; i < parts.elements(); ++i) {
        add_steps(parts.element(i), steps);
    }
}

}  // namespace

TextNormalizer read_normalizer(const JsonReader& normalizer) {
    TextNormalizer steps;
    if (!normalizer.is_null()) {
        add_steps(normalizer, steps);
    }
    return steps;
}

}  // namespace kaygraph::models::detail
