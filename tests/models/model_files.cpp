#include "models/model_files.hpp"

#include <cmath>
#include <random>

namespace kaygraph::test {
namespace {

template <class T>
void put(std::string& bytes, T value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void put_entry(std::string& bytes, const std::string& word, std::int8_t type) {
    bytes += word;
    bytes += '\0';
    put(bytes, std::int64_t{1});
    put(bytes, type);
}

}  // namespace

float fasttext_element(const FastTextParts& parts, std::size_t row, std::size_t col) {
    return static_cast<float>(
        std::sin(static_cast<double>(row * static_cast<std::size_t>(parts.dim) + col))
    );
}

std::string fasttext_bytes(const FastTextParts& parts) {
    std::string bytes;
    put(bytes, parts.magic);
    put(bytes, parts.version);
    for (const std::int32_t value :
         {parts.dim,
          5,
          5,
          1,
          5,
          parts.word_ngrams,
          2,
          parts.model,
          parts.bucket,
          parts.minn,
          parts.maxn,
          100}) {
        put(bytes, value);
    }
    put(bytes, 1e-4);
    put(bytes, static_cast<std::int32_t>(parts.words.size() + parts.labels.size()));
    put(bytes, static_cast<std::int32_t>(parts.words.size()));
    put(bytes, static_cast<std::int32_t>(parts.labels.size()));
    put(bytes, std::int64_t{100});
    put(bytes, parts.pruned);
    for (const std::string& word : parts.words) {
        put_entry(bytes, word, 0);
    }
    for (const std::string& label : parts.labels) {
        put_entry(bytes, label, 1);
    }
    put(bytes, std::uint8_t{0});
    const std::size_t rows = parts.words.size() + static_cast<std::size_t>(parts.bucket);
    put(bytes, static_cast<std::int64_t>(rows));
    put(bytes, std::int64_t{parts.dim});
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t col = 0; col < static_cast<std::size_t>(parts.dim); ++col) {
            put(bytes, fasttext_element(parts, row, col));
        }
    }
    return bytes + "the output matrix is never read";
}

std::vector<std::string> model_texts(std::size_t n, unsigned seed) {
    static const std::vector<std::string> words{
        "hello",
        "world",
        "où",
        "</s>",
        "unknown",
        "日本語",
        "a",
        "internationalization",
        "🙂",
        "x-y"};
    std::mt19937 random{seed};
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < n; ++i) {
        std::string text;
        for (auto w = random() % 30; w > 0; --w) {
            text += words[random() % words.size()];
            text += random() % 5 == 0 ? std::to_string(random() % 2000) + "\t" : " ";
        }
        texts.push_back(text);
    }
    return texts;
}

}  // namespace kaygraph::test
