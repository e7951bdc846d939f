#pragma once

#include "models/json_reader.hpp"
#include "models/text_normalizer.hpp"

namespace kaygraph::models::detail {

/// Reads the normalizer of a tokenizer.json: one, a sequence of them, or none (null).
/// @throws FormatError for what is malformed or not supported, by its name.
[[nodiscard]] TextNormalizer read_normalizer(const JsonReader& normalizer);

}  // namespace kaygraph::models::detail
