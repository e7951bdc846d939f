#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// @file
/// Tokenizers and tensors that tests write.

namespace kaygraph::test {

/// A tensor for a safetensors file.
struct TensorToWrite {
    std::string name;
    std::string dtype;
    std::vector<std::size_t> shape;
    std::string bytes;
};

template <class T>
TensorToWrite make_tensor(
    std::string name,
    std::string dtype,
    std::vector<std::size_t> shape,
    const std::vector<T>& values
) {
    std::string bytes(values.size() * sizeof(T), '\0');
    if (!values.empty()) {
        std::memcpy(bytes.data(), values.data(), bytes.size());
    }
    return {std::move(name), std::move(dtype), std::move(shape), std::move(bytes)};
}

[[nodiscard]] std::string safetensors_of(const std::vector<TensorToWrite>& tensors);

/// Replaces the one place where a text stands.
[[nodiscard]] std::string replaced(std::string text, std::string_view from, std::string_view to);

/// A WordPiece tokenizer: [PAD] 0, [UNK] 1, then the words; [UNK] and [PAD] are added tokens.
[[nodiscard]] std::string wordpiece_json(const std::vector<std::string>& words);
/// a to z, 0 to 9, each also continuing, some longer pieces, odd letters and marks.
[[nodiscard]] std::vector<std::string> some_words();

/// A Unigram tokenizer with Metaspace: <unk> 0, then the pieces with their scores.
[[nodiscard]] std::string unigram_json(const std::vector<std::pair<std::string, double>>& pieces);

/// The compiled rules of a Precompiled normalizer: what is replaced, and by what.
[[nodiscard]] std::string charsmap_bytes(const std::map<std::string, std::string>& rules);

/// $KAYGRAPH_TEST_DATA/static-model, or an empty path where it is not there.
[[nodiscard]] std::filesystem::path real_static_model();

}  // namespace kaygraph::test
