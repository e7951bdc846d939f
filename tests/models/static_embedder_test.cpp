// Static models made by the tests: each step by hand, the layouts, and what is refused.
#include "models/model_files.hpp"
#include "models/tokenizer_files.hpp"

#include "support/bytes.hpp"
#include "support/catch_log.hpp"
#include "support/throws.hpp"

#include <kaygraph/base/error.hpp>
#include <kaygraph/models/embedder.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace kaygraph {
namespace {

using models::EmbedCounts;
using models::Embedder;
using test::expect_says;
using test::Folder;
using test::make_tensor;
using test::TensorToWrite;
using test::thrown;

using Rows = std::vector<float>;
using Texts = std::vector<std::string>;

// [PAD] 0, [UNK] 1, a 2, b 3, c 4, ##b 5: the median length is 3 + 1 = 4 halves, cut to 2
const std::string four_words = test::wordpiece_json({"a", "b", "c", "##b"});
constexpr std::size_t n_tokens = 6;

/// Row i is (i, 10 i).
TensorToWrite table_of(std::size_t rows, const std::string& name = "embeddings") {
    std::vector<float> values;
    for (std::size_t i = 0; i < rows; ++i) {
        values.push_back(static_cast<float>(i));
        values.push_back(static_cast<float>(10 * i));
    }
    return make_tensor(name, "F32", {rows, 2}, values);
}

void write_model(
    const Folder& folder,
    const std::vector<TensorToWrite>& tensors,
    const std::string& config = R"({"normalize": false})",
    const std::string& tokenizer = four_words
) {
    folder.write("tokenizer.json", tokenizer);
    folder.write("model.safetensors", test::safetensors_of(tensors));
    folder.write("config.json", config);
}

std::shared_ptr<const Embedder> open(const Folder& folder, const Log& log = {}) {
    return models::open_embedder("static:" + folder.file(""), {.log = log});
}

Rows embed(const Embedder& model, const Texts& texts, EmbedCounts* counts = nullptr) {
    Rows rows(texts.size() * model.dimension(), -7);
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    const auto scratch = model.make_scratch();
    model.embed(views, {rows.data(), texts.size(), model.dimension()}, *scratch);
    if (counts != nullptr) {
        *counts = scratch->counts;
    }
    return rows;
}

TEST(StaticEmbedder, TakesTheMeanOfKnownTokens) {
    const Folder folder;
    write_model(folder, {table_of(n_tokens)});
    const auto model = open(folder);
    EmbedCounts counts;
    EXPECT_EQ(
        embed(*model, {"a c", "", "a zz c zz", "zz", "ab", " "}, &counts),
        (Rows{3, 30, 0, 0, 3, 30, 0, 0, 3.5, 35, 0, 0})
    );
    EXPECT_EQ(counts.texts, 6U);
    EXPECT_EQ(counts.empty_texts, 2U);
    EXPECT_EQ(counts.unknown_texts, 1U);
    EXPECT_EQ(counts.tokens, 9U);
    EXPECT_EQ(counts.unknown_tokens, 3U);
    expect_says(model->description(), "WordPiece", "6 tokens", "6 x 2 f32");
}

TEST(StaticEmbedder, NormalizesAsTheConfigSays) {
    const Folder folder;
    const float x = 1 / std::sqrt(101.0F);
    write_model(folder, {table_of(n_tokens)}, R"({"normalize": true})");
    const Rows rows = embed(*open(folder), {"a c", "zz"});
    EXPECT_NEAR(rows[0], x, 1e-6);
    EXPECT_NEAR(rows[1], 10 * x, 1e-6);
    EXPECT_EQ(rows[2], 0);

    test::CatchLog log;
    write_model(folder, {table_of(n_tokens)}, "{}");
    EXPECT_EQ(embed(*open(folder, log.log()), {"a c"}), (Rows{3, 30}));
    EXPECT_EQ(log.count("does not say whether to normalise"), 1U);
}

TEST(StaticEmbedder, CutsTheTextAndThenTheTokens) {
    const Folder folder;
    // 3 tokens, 3 × 2 code points
    write_model(folder, {table_of(n_tokens)}, R"({"normalize": false, "max_length": 3})");
    EmbedCounts counts;
    // "a b c |a", and of accents each counts: "a\u0301 \u0301b |c"; "z a b |c"
    EXPECT_EQ(
        embed(*open(folder), {"a b c a", "a\u0301 \u0301b c", "z a b c", "bbcbb"}, &counts),
        (Rows{3, 30, 2.5, 25, 2.5, 25, 0, 0})
    );
    EXPECT_EQ(counts.tokens, 3U + 2U + 3U + 1U);
    EXPECT_EQ(embed(*open(folder), {"a,b"}), (Rows{2.5, 25}));
    // as model2vec does since September 2026: tokens are cut first, then unknown ones go
    EXPECT_EQ(embed(*open(folder), {"a,,b", ",,,a"}, &counts), (Rows{2, 20, 0, 0}));
    EXPECT_EQ(counts.unknown_texts, 1U);
    EXPECT_EQ(counts.unknown_tokens, 5U);
    write_model(folder, {table_of(n_tokens)}, R"({"normalize": false, "max_length": 2})");
    EXPECT_EQ(embed(*open(folder), {"abbbbb"}), (Rows{3.5, 35}));  // 2, 5 of 2, 5, 5, 5
    std::string many = "c";
    for (int i = 0; i < 2000; ++i) {
        many += " a";
    }
    write_model(folder, {table_of(n_tokens)}, R"({"normalize": false, "max_length": null})");
    EXPECT_EQ(embed(*open(folder), {many})[0], 4004.0F / 2001.0F);
    write_model(folder, {table_of(n_tokens)});  // 512: "c", then 511 times "a"
    EXPECT_EQ(embed(*open(folder), {many})[0], (4.0F + 511 * 2) / 512.0F);
}

TEST(StaticEmbedder, PaddingAndTruncationOfTheTokenizerAreTheModelsBusiness) {
    const Folder folder;
    const std::string padded = test::replaced(
        test::replaced(
            test::wordpiece_json({"a", "b", "c", "##b"}),
            "\"padding\":null",
            R"("padding":{"strategy":{"Fixed":9},"direction":"Right","pad_to_multiple_of":null,)"
            R"("pad_id":2,"pad_type_id":0,"pad_token":"a"})"
        ),
        "\"truncation\":null",
        R"("truncation":{"direction":"Left","max_length":1,"strategy":"LongestFirst","stride":0})"
    );
    write_model(folder, {table_of(n_tokens)}, R"({"normalize": false})", padded);
    EXPECT_EQ(embed(*open(folder), {"a c", "c"}), (Rows{3, 30, 4, 40}));
    write_model(
        folder, {table_of(n_tokens)}, R"({"normalize": false, "max_length": null})", padded
    );
    EXPECT_EQ(embed(*open(folder), {"a c"}), (Rows{3, 30}));
    write_model(folder, {table_of(n_tokens)}, R"({"normalize": false, "max_length": 1})", padded);
    EXPECT_EQ(embed(*open(folder), {"ac"}), (Rows{0, 0}));
    EXPECT_EQ(embed(*open(folder), {"a"}), (Rows{2, 20}));
}

TEST(StaticEmbedder, ATableWithMoreRowsThanTokensIsOfAnotherTokenizer) {
    const Folder folder;
    write_model(folder, {table_of(n_tokens + 2)});
    expect_says(
        thrown<FormatError>([&] { open(folder); }), "a row for each of the 6 tokens", "found 8"
    );
    // sentence-transformers takes it
    std::filesystem::remove(folder.file("config.json"));
    folder.write(
        "modules.json",
        R"([{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.StaticEmbedding"}])"
    );
    test::CatchLog log;
    EXPECT_EQ(embed(*open(folder, log.log()), {"a c"}), (Rows{3, 30}));
    EXPECT_EQ(log.count("8 rows for the 6 tokens"), 1U);
}

TEST(StaticEmbedder, MapsRowsAndWeighsByToken) {
    const Folder folder;
    const std::vector<std::int32_t> mapping{0, 0, 1, 1, 2, 2};
    const std::vector<double> weights{9, 9, 0.5, 2, 1, 1};
    write_model(
        folder,
        {table_of(3),
         make_tensor("mapping", "I32", {6}, mapping),
         make_tensor("weights", "F64", {6}, weights)}
    );
    // a: row 1 × 0.5, b: row 1 × 2, c: row 2 × 1; divided by the number of tokens
    EXPECT_EQ(embed(*open(folder), {"a b c", "c"}), (Rows{1.5, 15, 2, 20}));
    expect_says(open(folder)->description(), "mapped", "weighted");

    const std::vector<std::uint16_t> halves{0, 0, 0x3800, 0x4000, 0x3C00, 0x3C00};  // 0.5, 2, 1, 1
    const std::vector<std::int64_t> wide(mapping.begin(), mapping.end());
    write_model(
        folder,
        {table_of(3),
         make_tensor("mapping", "I64", {6}, wide),
         make_tensor("weights", "F16", {6}, halves)}
    );
    EXPECT_EQ(embed(*open(folder), {"a b c", "c"}), (Rows{1.5, 15, 2, 20}));
}

TEST(StaticEmbedder, ReadsSmallerNumbers) {
    const Folder folder;
    const std::vector<std::uint16_t> halves{0, 0, 0, 0, 0x3C00, 0x4000, 0xBC00, 0x3800, 0, 0, 0, 0};
    write_model(folder, {make_tensor("embeddings", "F16", {6, 2}, halves)});
    EXPECT_EQ(embed(*open(folder), {"a b", "a"}), (Rows{0, 1.25, 1, 2}));
    const std::vector<std::int8_t> bytes{0, 0, 0, 0, 127, -128, 1, 2, 0, 0, 0, 0};
    write_model(folder, {make_tensor("embeddings", "I8", {6, 2}, bytes)});
    EXPECT_EQ(embed(*open(folder), {"a b", "a"}), (Rows{64, -63, 127, -128}));
}

TEST(StaticEmbedder, ReadsTheOtherLayouts) {
    const std::string modules = R"([
        {"idx": 0, "name": "0", "path": "0_StaticEmbedding", "type": "sentence_transformers.models.StaticEmbedding"},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"}])";
    const std::string table = test::safetensors_of({table_of(n_tokens, "embedding.weight")});
    const std::string padded = test::replaced(
        four_words, "\"padding\":null", "\"padding\":{\"strategy\":\"BatchLongest\"}"
    );
    const Folder folder;
    folder.write("0_StaticEmbedding/model.safetensors", table);
    folder.write("0_StaticEmbedding/tokenizer.json", padded);
    test::CatchLog log;
    EXPECT_EQ(embed(*open(folder, log.log()), {"a c", "a"}), (Rows{3, 30, 2, 20}));
    EXPECT_EQ(log.count("without modules.json: vectors are not normalised"), 1U);
    folder.write("modules.json", modules);
    EXPECT_NEAR(embed(*open(folder), {"a c", "a"})[1], 10 / std::sqrt(101.0F), 1e-6);

    const auto refusal = [&](const std::string& text) {
        folder.write("modules.json", text);
        return thrown<FormatError>([&] { open(folder); });
    };
    expect_says(
        refusal(test::replaced(modules, "models.Normalize", "models.Dense")),
        "modules.json",
        "Dense"
    );
    expect_says(
        refusal(test::replaced(modules, "\"0_StaticEmbedding\"", "\"../0\"")),
        "modules.json",
        "../0"
    );
    expect_says(refusal(test::replaced(modules, "\"0_StaticEmbedding\"", "\"/etc\"")), "/etc");
    expect_says(refusal("[]"), "modules.json", "StaticEmbedding");

    const Folder older;
    write_model(older, {table_of(n_tokens, "0")});
    EXPECT_EQ(embed(*open(older), {"a c"}), (Rows{3, 30}));
}

/// A folder as sentence-transformers saves it.
void write_module(const Folder& folder, bool normalizes, const std::string& tokenizer) {
    const std::string normalize =
        R"(,{"idx":1,"name":"1","path":"1_Normalize","type":"sentence_transformers.models.Normalize"})";
    folder.write(
        "modules.json",
        R"([{"idx":0,"name":"0","path":"0_StaticEmbedding",)"
        R"("type":"sentence_transformers.models.StaticEmbedding"})"
            + (normalizes ? normalize : "") + "]"
    );
    folder.write(
        "0_StaticEmbedding/model.safetensors",
        test::safetensors_of({table_of(n_tokens, "embedding.weight")})
    );
    folder.write("0_StaticEmbedding/tokenizer.json", tokenizer);
}

TEST(StaticEmbedder, AStaticEmbeddingTakesUnknownTokensIntoTheMean) {
    const Folder folder;
    write_module(folder, false, four_words);
    const auto model = open(folder);
    EmbedCounts counts;
    EXPECT_EQ(embed(*model, {"zz c", "zz", ""}, &counts), (Rows{2.5, 25, 1, 10, 0, 0}));
    EXPECT_EQ(counts.tokens, 3U);
    EXPECT_EQ(counts.unknown_tokens, 2U);
    EXPECT_EQ(counts.unknown_texts, 0U) << "its row is not zero";
    EXPECT_EQ(counts.empty_texts, 1U);
    expect_says(model->description(), "of sentence-transformers");
}

TEST(StaticEmbedder, AStaticEmbeddingIsCutByItsTokenizerAlone) {
    std::string many = "c";
    for (int i = 0; i < 2000; ++i) {
        many += " a";
    }
    const Folder folder;
    write_module(folder, false, four_words);
    EXPECT_EQ(embed(*open(folder), {many})[0], 4004.0F / 2001.0F);
    const std::string cut = test::replaced(
        four_words,
        "\"truncation\":null",
        R"("truncation":{"direction":"Right","max_length":1,"strategy":"LongestFirst","stride":0})"
    );
    for (const char* config : {"", R"({"model_type": "static-embedding", "max_length": 2})"}) {
        write_module(folder, false, cut);
        if (*config != '\0') {
            folder.write("config.json", config);
        }
        EXPECT_EQ(embed(*open(folder), {"c a a"}), (Rows{4, 40})) << config;
    }
}

TEST(StaticEmbedder, AConfigOfAnotherProgramLeavesTheModulesWhatTheyAre) {
    const Folder folder;
    write_module(folder, true, four_words);
    const Rows normalized = embed(*open(folder), {"a", "zz c"});
    for (const char* config :
         {"{}",
          R"({"model_type": "static-embedding", "hidden_size": 2})",
          R"({"model_type": "bert", "normalize": false})"}) {
        folder.write("config.json", config);
        test::CatchLog log;
        EXPECT_EQ(embed(*open(folder, log.log()), {"a", "zz c"}), normalized) << config;
        EXPECT_EQ(log.count("normalis"), 0U) << config;
    }
    // model2vec writes modules.json beside its own config.json, old ones without model_type
    for (const char* config :
         {R"({"normalize": false})", R"({"model_type": "model2vec", "normalize": false})"}) {
        folder.write("config.json", config);
        EXPECT_EQ(embed(*open(folder), {"a", "zz c"}), (Rows{2, 20, 4, 40})) << config;
    }
}

TEST(StaticEmbedder, WarnsOfADefaultPrompt) {
    const Folder folder;
    write_module(folder, false, four_words);
    const auto warnings = [&](const std::string& config) {
        folder.write("config_sentence_transformers.json", config);
        test::CatchLog log;
        EXPECT_EQ(embed(*open(folder, log.log()), {"c"}), (Rows{4, 40}));
        return log.count("default prompt, 'query: '");
    };
    EXPECT_EQ(warnings(R"({"prompts": {"query": "query: "}, "default_prompt_name": "query"})"), 1U);
    EXPECT_EQ(warnings(R"({"prompts": {"query": "query: "}, "default_prompt_name": null})"), 0U);
    EXPECT_EQ(warnings(R"({"prompts": {"query": ""}, "default_prompt_name": "query"})"), 0U);
    EXPECT_EQ(warnings(R"({"prompts": {}})"), 0U);
}

TEST(StaticEmbedder, TheNameOfTheTableTellsWhereNoSettingsDo) {
    const Folder folder;
    write_model(folder, {table_of(n_tokens)});
    std::filesystem::remove(folder.file("config.json"));
    test::CatchLog log;
    EXPECT_EQ(embed(*open(folder, log.log()), {"zz c"}), (Rows{4, 40}));
    EXPECT_EQ(log.count("no config.json: vectors are not normalised"), 1U);
    // the folder of the module itself
    folder.write(
        "model.safetensors", test::safetensors_of({table_of(n_tokens, "embedding.weight")})
    );
    EXPECT_EQ(embed(*open(folder), {"zz c"}), (Rows{2.5, 25}));
}

TEST(StaticEmbedder, WarnsOfTensorsItDoesNotUse) {
    const Folder folder;
    test::CatchLog log;
    write_model(
        folder, {table_of(n_tokens), make_tensor("bias", "F32", {1}, std::vector<float>{1})}
    );
    open(folder, log.log());
    EXPECT_EQ(log.count("bias"), 1U);
}

TEST(StaticEmbedder, RefusesWhatDoesNotFit) {
    const Folder folder;
    const auto refusal = [&](const std::vector<TensorToWrite>& tensors) {
        write_model(folder, tensors);
        const std::string message = thrown<FormatError>([&] { open(folder); });
        expect_says(message, "model.safetensors");
        return message;
    };
    const auto ints = [](std::vector<std::int32_t> values) {
        const std::size_t n = values.size();
        return make_tensor("mapping", "I32", {n}, values);
    };
    const auto floats = [](std::vector<float> values) {
        const std::size_t n = values.size();
        return make_tensor("weights", "F32", {n}, values);
    };
    expect_says(refusal({table_of(5)}), "a row for each of the 6 tokens", "found 5");
    expect_says(refusal({table_of(n_tokens, "other")}), "embeddings", "other");
    expect_says(
        refusal({make_tensor("embeddings", "F64", {6, 1}, std::vector<double>(6))}), "F32", "F64"
    );
    expect_says(
        refusal({make_tensor("embeddings", "BF16", {6, 1}, std::vector<std::uint16_t>(6))}), "BF16"
    );
    expect_says(refusal({make_tensor("embeddings", "F32", {6}, std::vector<float>(6))}), "[6]");
    expect_says(
        refusal({make_tensor("embeddings", "F32", {6, 0}, std::vector<float>{})}), "[6, 0]"
    );
    expect_says(refusal({table_of(3), ints({0, 0, 0, 0, 0, 3})}), "rows below 3", "3 for token 5");
    expect_says(refusal({table_of(3), ints({0, 0, 0, 0, 0, -1})}), "-1 for token 5");
    expect_says(refusal({table_of(3), ints({0, 0, 0, 0, 0})}), "each of 6 tokens", "[5]");
    expect_says(
        refusal({table_of(3), make_tensor("mapping", "F32", {6}, std::vector<float>(6))}),
        "I32",
        "F32"
    );
    expect_says(refusal({table_of(n_tokens), floats({1, 1, 1, 1, 1})}), "each of 6 tokens", "[5]");
    expect_says(
        refusal(
            {table_of(n_tokens), floats({1, 1, 1, 1, 1, std::numeric_limits<float>::infinity()})}
        ),
        "finite weights",
        "token 5"
    );
    expect_says(
        refusal({table_of(n_tokens), make_tensor("weights", "I8", {6}, std::vector<char>(6))}),
        "F64, F32 or F16"
    );

    write_model(folder, {table_of(n_tokens)}, R"({"normalize": 1})");
    expect_says(
        thrown<FormatError>([&] { open(folder); }), "config.json", "normalize", "true or false"
    );
    write_model(folder, {table_of(n_tokens)}, R"({"normalize": true, "max_length": -1})");
    expect_says(thrown<FormatError>([&] { open(folder); }), "config.json", "max_length", "-1");
    write_model(folder, {table_of(n_tokens)}, "{}", "{}");
    expect_says(thrown<FormatError>([&] { open(folder); }), "tokenizer.json", "model");
    folder.write("model.safetensors", "");
    write_model(folder, {table_of(n_tokens)});
    folder.write("model.safetensors", "12345");
    expect_says(thrown<FormatError>([&] { open(folder); }), "model.safetensors");
    const Folder empty;
    expect_says(thrown<IoError>([&] { open(empty); }), "tokenizer.json", "found neither");
}

TEST(StaticEmbedder, RowsDependOnTheirTextsAlone) {
    const Folder folder;
    const std::vector<std::string> words = test::some_words();
    std::vector<float> values;
    std::vector<double> weights;
    for (std::size_t i = 0; i < words.size() + 2; ++i) {
        weights.push_back(1.0 / static_cast<double>(i + 1));
        for (int k = 0; k < 37; ++k) {
            values.push_back(static_cast<float>(std::sin(static_cast<double>(i) * 37 + k)));
        }
    }
    write_model(
        folder,
        {make_tensor("embeddings", "F32", {words.size() + 2, 37}, values),
         make_tensor("weights", "F64", {weights.size()}, weights)},
        R"({"normalize": true})",
        test::wordpiece_json(words)
    );
    const auto model = open(folder);
    const Texts texts = test::model_texts(3000, 5);  // more ids than are looked up at once
    EmbedCounts counts;
    const Rows whole = embed(*model, texts, &counts);
    EmbedCounts sum;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        EmbedCounts own;
        const Rows row = embed(*model, {texts[i]}, &own);
        sum.add(own);
        ASSERT_TRUE(
            std::equal(row.begin(), row.end(), whole.begin() + static_cast<std::ptrdiff_t>(i * 37))
        ) << texts[i];
    }
    EXPECT_EQ(sum.tokens, counts.tokens);
    EXPECT_EQ(sum.unknown_tokens, counts.unknown_tokens);
    EXPECT_EQ(sum.unknown_texts, counts.unknown_texts);
    EXPECT_EQ(sum.empty_texts, counts.empty_texts);
    EXPECT_EQ(sum.texts, counts.texts);
}

}  // namespace
}  // namespace kaygraph
