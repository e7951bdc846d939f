#include "models/tokenizer_files.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>

namespace kaygraph::test {

using nlohmann::json;

std::string safetensors_of(const std::vector<TensorToWrite>& tensors) {
    json header = json::object();
    std::string data;
    for (const TensorToWrite& tensor : tensors) {
        header[tensor.name] = {
            {"dtype", tensor.dtype},
            {"shape", tensor.shape},
            {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
        data += tensor.bytes;
    }
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    std::string file(8, '\0');
    std::memcpy(file.data(), &length, 8);
    return file + text + data;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    EXPECT_EQ(text.find(from, at + 1), std::string::npos) << from << " is there twice";
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string wordpiece_json(const std::vector<std::string>& words) {
    json vocab = {{"[PAD]", 0}, {"[UNK]", 1}};
    for (const std::string& word : words) {
        vocab.emplace(word, vocab.size());
    }
    const auto special = [](int id, const char* content) {
        return json{
            {"id", id},
            {"content", content},
            {"single_word", false},
            {"lstrip", false},
            {"rstrip", false},
            {"normalized", false},
            {"special", true}};
    };
    const json whole = {
        {"version", "1.0"},
        {"truncation", nullptr},
        {"padding", nullptr},
        {"added_tokens", {special(0, "[PAD]"), special(1, "[UNK]")}},
        {"normalizer",
         {{"type", "BertNormalizer"},
          {"clean_text", true},
          {"handle_chinese_chars", true},
          {"strip_accents", nullptr},
          {"lowercase", true}}},
        {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
        {"post_processor", nullptr},
        {"decoder", nullptr},
        {"model",
         {{"type", "WordPiece"},
          {"unk_token", "[UNK]"},
          {"continuing_subword_prefix", "##"},
          {"max_input_chars_per_word", 100},
          {"vocab", vocab}}}};
    return whole.dump();
}

std::vector<std::string> some_words() {
    std::vector<std::string> words;
    for (const char c : std::string{"abcdefghijklmnopqrstuvwxyz0123456789"}) {
        words.emplace_back(1, c);
        words.push_back(std::string{"##"} + c);
    }
    for (const char* word :
         {"hello",  "world",    "the",    "##ing",    "##er",   "ab",       "##ab",
          "abc",    ".",        ",",      "!",        "\u00df", "##\u00df", "\u0131",
          "\u03c3", "##\u03c3", "\u0436", "##\u0436", "\u6f22", "\u5b57",   "\u3002"}) {
        words.emplace_back(word);
    }
    return words;
}

std::string unigram_json(const std::vector<std::pair<std::string, double>>& pieces) {
    json vocab = json::array({json::array({"<unk>", 0.0})});
    for (const auto& [piece, score] : pieces) {
        vocab.push_back(json::array({piece, score}));
    }
    const json whole = {
        {"version", "1.0"},
        {"added_tokens", json::array()},
        {"normalizer", nullptr},
        {"pre_tokenizer",
         {{"type", "Metaspace"},
          {"replacement", "\u2581"},
          {"prepend_scheme", "always"},
          {"split", true}}},
        {"model",
         {{"type", "Unigram"}, {"unk_id", 0}, {"vocab", vocab}, {"byte_fallback", false}}}};
    return whole.dump();
}

namespace {

/// A trie while it is laid out in units, as Darts-clone does.
class Units {
public:
    struct Node {
        std::map<unsigned char, Node> children;
        std::optional<std::uint32_t> value;
    };

    std::vector<std::uint32_t> of(const Node& root) {
        units_ = {0};
        taken_ = {0};
        place(root, 0);
        units_.resize((units_.size() | 0xFFU) + 257);  // any byte may be looked up behind any unit
        return units_;
    }

private:
    void set(std::uint32_t at, std::uint32_t unit) {
        units_.resize(std::max<std::size_t>(units_.size(), at + 1));
        units_[at] |= unit;
    }
    void place(const Node& node, std::uint32_t at) {
        std::vector<std::uint32_t> labels;
        for (const auto& [label, child] : node.children) {
            labels.push_back(label);
        }
        if (node.value) {
            labels.push_back(0);
        }
        if (labels.empty()) {
            return;
        }
        std::uint32_t base = 1;
        while (bases_.contains(base)
               || std::any_of(labels.begin(), labels.end(), [&](std::uint32_t label) {
                      return taken_.contains(base ^ label);
                  })) {
            ++base;
        }
        bases_.insert(base);  // of one node only: labels tell its children alone
        for (const std::uint32_t label : labels) {
            taken_.insert(base ^ label);
        }
        set(at, (at ^ base) << 10U | (node.value ? 0x100U : 0U));
        if (node.value) {
            set(base, *node.value | 0x80000000U);
        }
        for (const auto& [label, child] : node.children) {
            set(base ^ label, label);
            place(child, base ^ label);
        }
    }

    std::vector<std::uint32_t> units_;
    std::set<std::uint32_t> taken_;
    std::set<std::uint32_t> bases_;
};

}  // namespace

std::string charsmap_bytes(const std::map<std::string, std::string>& rules) {
    Units::Node root;
    std::string replacements;
    for (const auto& [from, to] : rules) {
        Units::Node* node = &root;
        for (const char byte : from) {
            node = &node->children[static_cast<unsigned char>(byte)];
        }
        node->value = static_cast<std::uint32_t>(replacements.size());
        replacements += to + std::string(1, '\0');
    }
    const std::vector<std::uint32_t> units = Units{}.of(root);
    const auto size = static_cast<std::uint32_t>(4 * units.size());
    std::string bytes(4 + size, '\0');
    std::memcpy(bytes.data(), &size, 4);
    std::memcpy(bytes.data() + 4, units.data(), size);
    return bytes + replacements;
}

std::filesystem::path real_static_model() {
    const char* data = std::getenv("KAYGRAPH_TEST_DATA");  // NOLINT(concurrency-mt-unsafe)
    const std::filesystem::path path =
        data == nullptr ? "" : std::filesystem::path{data} / "static-model";
    return std::filesystem::exists(path / "tokenizer.json") ? path : std::filesystem::path{};
}

}  // namespace kaygraph::test
