#pragma once

#include "models/fasttext_file.hpp"

#include <kaygraph/base/export.hpp>
#include <kaygraph/files/mapped_file.hpp>
#include <kaygraph/models/embedder.hpp>

#include <cstddef>
#include <memory>
#include <string>

/// @file
/// The two ways in which fastText makes a vector of a line (FastText::getSentenceVector): with and without
/// labels. Both add the same numbers in the same order as the official program does.

namespace kaygraph::models::detail {

/// A model that is open: the parts point into the map.
struct FastTextModel {
    MappedFile file;
    FastTextFile parts;
};

std::shared_ptr<const Embedder> make_unsupervised(FastTextModel model, std::size_t cache_bytes);
std::shared_ptr<const Embedder> make_supervised(FastTextModel model);

/// Opens a fastText model with a bound on the vectors of words that it keeps; the results do not depend on it.
KAYGRAPH_EXPORT std::shared_ptr<const Embedder> open_fasttext_with_cache(
    const std::string& file,
    std::size_t cache_bytes
);

/// Returns one line about a model.
std::string describe(const FastTextModel& model);

/// Multiplies a row with a number.
void scale(std::span<float> row, float by) noexcept;

}  // namespace kaygraph::models::detail
