#pragma once

#include "models/lazy_memory.hpp"

#include <kaygraph/base/log.hpp>
#include <kaygraph/files/mapped_file.hpp>
#include <kaygraph/kernels/embedding_bag.hpp>
#include <kaygraph/models/tokenizer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// @file
/// The files of a static model: a tokenizer, a table with a row a token, and settings.

namespace kaygraph::models::detail {

/// A static model as its files say it, checked: every id of the tokenizer has a row.
struct StaticModel {
    std::string directory = {};
    MappedFile file = {};  ///< what the table lies in
    LazyMemory copy = {};  ///< of a table that is small enough
    kernels::RowTable table = {};
    std::vector<std::uint32_t> mapping = {};  ///< the row of each id; empty: the id itself
    std::vector<float> weights = {};          ///< of each id; empty: 1
    std::shared_ptr<const Tokenizer> tokenizer = {};
    bool is_model2vec = true;                     ///< else of sentence-transformers
    std::optional<std::size_t> max_length = 512;  ///< in tokens
    bool normalizes = false;
};

/// Reads the layout of model2vec (model.safetensors, tokenizer.json, config.json) or of sentence-transformers
/// (modules.json, 0_StaticEmbedding/), each with its own rules.
/// @throws IoError, FormatError.
[[nodiscard]] StaticModel read_static_model(const std::string& directory, const Log& log);

}  // namespace kaygraph::models::detail
